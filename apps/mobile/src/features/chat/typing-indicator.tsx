import { View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { layout, space } from '../../theme/scale.ts'
import { createStyles } from '../../theme/theme-provider.tsx'
import { Text } from '../../ui/text.tsx'
import { TypingDots } from './typing-dots.tsx'

/** Who is typing, above the composer, in reserved space. */
export function TypingIndicator({ names }: { names: readonly string[] }) {
  const { t } = useI18n()
  const styles = useStyles()
  const [first] = names
  if (first === undefined) return null
  return (
    <View testID="typing-indicator" style={styles.line}>
      <TypingDots />
      <Text size="small" color="muted" numberOfLines={1}>
        {names.length === 1 ? t('personTyping', { name: first }) : t('peopleTyping', { count: names.length })}
      </Text>
    </View>
  )
}

const useStyles = createStyles(() => ({
  line: {
    position: 'absolute',
    bottom: 0,
    start: 0,
    end: 0,
    width: '100%',
    maxWidth: layout.messageColumn,
    marginHorizontal: 'auto',
    paddingHorizontal: space.l + 2,
    height: 24,
    flexDirection: 'row',
    alignItems: 'center',
    gap: space.s,
    pointerEvents: 'none',
  },
}))
