import { View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { createStyles } from '../../theme/create-styles.ts'
import { radius } from '../../theme/scale.ts'
import { Icon } from '../../ui/icon.tsx'
import { Text } from '../../ui/text.tsx'
import { Touchable } from '../../ui/touchable.tsx'

/**
 * Back to the newest message, with how much is new there: what was passed over is not where this
 * leads.
 */
export function JumpButton({ count, onPress }: { count: number; onPress: () => void }) {
  const { t } = useI18n()
  const styles = useStyles()
  return (
    <View style={styles.place}>
      <Touchable
        testID="jump-to-bottom"
        label={count > 0 ? t('jumpToNew', { count }) : t('jumpToBottom')}
        style={styles.button}
        onPress={onPress}
      >
        <Icon name="down" size={24} color="muted" />
      </Touchable>
      {count > 0 && (
        <View style={styles.count} aria-hidden>
          <Text size="caption" weight="700" color="onAccent">
            {count > 99 ? '99+' : count}
          </Text>
        </View>
      )}
    </View>
  )
}

const useStyles = createStyles(({ colors }) => ({
  place: { position: 'absolute', bottom: 28, end: 16 },
  button: {
    width: 44,
    height: 44,
    borderRadius: radius.pill,
    backgroundColor: colors.raised,
    borderWidth: 1,
    borderColor: colors.line,
    alignItems: 'center',
    justifyContent: 'center',
    boxShadow: `0 2px 10px ${colors.shadow}`,
  },
  count: {
    position: 'absolute',
    top: -8,
    alignSelf: 'center',
    minWidth: 22,
    height: 22,
    paddingHorizontal: 6,
    borderRadius: radius.pill,
    backgroundColor: colors.accent,
    alignItems: 'center',
    justifyContent: 'center',
    pointerEvents: 'none',
  },
}))
