import type { Preferences } from '@finnigram/contracts'
import { View } from 'react-native'
import type { PlainText } from '../../i18n/en.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useClient } from '../../providers/client-provider.tsx'
import { type ThemePreference, usePreferences } from '../../providers/preferences.tsx'
import { useMe } from '../../providers/use-client-data.ts'
import { useTask } from '../../providers/use-task.ts'
import { minimumTarget, radius, space } from '../../theme/scale.ts'
import { createStyles } from '../../theme/theme-provider.tsx'
import { Icon, type IconName } from '../../ui/icon.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Text } from '../../ui/text.tsx'
import { Touchable } from '../../ui/touchable.tsx'

const choices: { value: ThemePreference; icon: IconName; word: PlainText }[] = [
  { value: 'system', icon: 'system', word: 'themeSystem' },
  { value: 'light', icon: 'sun', word: 'themeLight' },
  { value: 'dark', icon: 'moon', word: 'themeDark' },
]

/** Light, dark or system theme; kept on this device. */
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

const groupChoices: { value: Preferences['addToGroups']; word: PlainText }[] = [
  { value: 'everyone', word: 'addEveryone' },
  { value: 'contacts', word: 'addContacts' },
  { value: 'nobody', word: 'addNobody' },
]

/** Who may add me to groups without an invitation; kept on the server. */
export function GroupChoice() {
  const { t } = useI18n()
  const styles = useGroupChoiceStyles()
  const { session } = useClient()
  const { run, busy, problem } = useTask()
  // A profile stored by an earlier version lacks it.
  const present = useMe().preferences.addToGroups ?? 'everyone'
  return (
    <View style={styles.section}>
      <Text size="small" weight="600" role="heading" aria-level={2}>
        {t('privacy')}
      </Text>
      <Text>{t('whoAddsToGroups')}</Text>
      <View role="radiogroup" aria-label={t('whoAddsToGroups')} aria-busy={busy} style={styles.card}>
        {groupChoices.map(({ value, word }) => (
          <Touchable
            key={value}
            testID={`add-to-groups-${value}`}
            role="radio"
            aria-checked={present === value}
            disabled={busy}
            style={styles.choice}
            onPress={() => void run(() => session.updateMe({ preferences: { addToGroups: value } }))}
          >
            <Text weight={present === value ? '600' : '400'} style={styles.word}>
              {t(word)}
            </Text>
            {present === value && <Icon name="check" size={18} color="accent" />}
          </Touchable>
        ))}
      </View>
      <Text size="small" color="muted">
        {t('whoAddsHint')}
      </Text>
      {problem !== null && <Notice text={t(problem)} />}
    </View>
  )
}

const useGroupChoiceStyles = createStyles(({ colors }) => ({
  section: { gap: space.s },
  card: {
    borderRadius: radius.card,
    borderWidth: 1,
    borderColor: colors.line,
    backgroundColor: colors.background,
    overflow: 'hidden',
  },
  choice: {
    minHeight: minimumTarget,
    paddingHorizontal: space.l,
    flexDirection: 'row',
    alignItems: 'center',
    gap: space.s,
  },
  word: { flex: 1 },
}))
