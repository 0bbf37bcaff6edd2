import { StyleSheet, View } from 'react-native'
import { useI18n } from '../i18n/i18n-provider.tsx'
import { radius } from '../theme/scale.ts'
import { useTheme } from '../theme/theme-provider.tsx'
import { Text } from './text.tsx'

/** How much is unread; grey where the conversation is muted. */
export function Badge({ count, muted = false }: { count: number; muted?: boolean }) {
  const { t } = useI18n()
  const { colors } = useTheme()
  return (
    <View
      role="img"
      aria-label={t('unread', { count })}
      style={[styles.pill, { backgroundColor: muted ? colors.muted : colors.accent }]}
    >
      <Text size="caption" weight="700" color={muted ? 'background' : 'onAccent'} style={styles.figures}>
        {count > 999 ? '999+' : count}
      </Text>
    </View>
  )
}

const styles = StyleSheet.create({
  pill: {
    minWidth: 22,
    height: 22,
    paddingHorizontal: 7,
    borderRadius: radius.pill,
    alignItems: 'center',
    justifyContent: 'center',
  },
  figures: { fontVariant: ['tabular-nums'] },
})
