import { View } from 'react-native'
import type { PlainText } from '../../i18n/en.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { type ThemePreference, usePreferences } from '../../providers/preferences.tsx'
import { createStyles } from '../../theme/create-styles.ts'
import { minimumTarget, radius, space } from '../../theme/scale.ts'
import { Icon } from '../../ui/icon.tsx'
import type { IconName } from '../../ui/icon-paths.ts'
import { Text } from '../../ui/text.tsx'
import { Touchable } from '../../ui/touchable.tsx'

const choices: { value: ThemePreference; icon: IconName; word: PlainText }[] = [
  { value: 'system', icon: 'system', word: 'themeSystem' },
  { value: 'light', icon: 'sun', word: 'themeLight' },
  { value: 'dark', icon: 'moon', word: 'themeDark' },
]

/** Light, dark, or whatever this device does. */
export function ThemeChoice() {
  const { t } = useI18n()
  const styles = useStyles()
  const { theme, setPreferences } = usePreferences()
  return (
    <View role="radiogroup" aria-label={t('appearance')} style={styles.track}>
      {choices.map(({ value, icon, word }) => {
        const chosen = theme === value
        return (
          <Touchable
            key={value}
            testID={`theme-${value}`}
            role="radio"
            aria-checked={chosen}
            style={[styles.choice, chosen && styles.chosen]}
            onPress={() => setPreferences({ theme: value })}
          >
            <Icon name={icon} size={18} color={chosen ? 'accent' : 'muted'} />
            <Text size="small" weight="600" color={chosen ? 'text' : 'muted'}>
              {t(word)}
            </Text>
          </Touchable>
        )
      })}
    </View>
  )
}

const useStyles = createStyles(({ colors, scheme }) => ({
  track: {
    flexDirection: 'row',
    padding: 3,
    gap: 2,
    borderRadius: radius.pill,
    backgroundColor: colors.otherBubble,
  },
  choice: {
    flex: 1,
    minHeight: minimumTarget,
    flexDirection: 'row',
    alignItems: 'center',
    justifyContent: 'center',
    gap: space.s,
    borderRadius: radius.pill,
  },
  chosen: {
    backgroundColor: scheme === 'dark' ? colors.line : colors.raised,
    boxShadow: `0 1px 4px ${colors.shadow}`,
  },
}))
