import { View } from 'react-native'
import type { PlainText } from '../i18n/en.ts'
import { useI18n } from '../i18n/i18n-provider.tsx'
import { space } from '../theme/scale.ts'
import { createStyles } from '../theme/theme-provider.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { Text } from '../ui/text.tsx'

const keys: { keys: string[]; word: PlainText }[] = [
  { keys: ['Ctrl / ⌘', 'K'], word: 'keyFind' },
  { keys: ['Alt', '↓'], word: 'keyNext' },
  { keys: ['Alt', '↑'], word: 'keyPrevious' },
  { keys: ['Enter'], word: 'keySend' },
  { keys: ['Shift', 'Enter'], word: 'keyBreak' },
  { keys: ['Esc'], word: 'keyLeave' },
  { keys: ['?'], word: 'keyHelp' },
]

/** Lists the keyboard shortcuts. */
export function ShortcutsSheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useI18n()
  const styles = useStyles()
  return (
    <Sheet label={t('showKeys')} open={open} onClose={onClose}>
      <Text size="title" weight="600" role="heading" aria-level={2} style={styles.title}>
        {t('showKeys')}
      </Text>
      {keys.map(({ keys: caps, word }) => (
        <View key={word} style={styles.row}>
          <Text style={styles.word}>{t(word)}</Text>
          {caps.map((cap) => (
            <View key={cap} style={styles.cap}>
              <Text size="small" weight="600" color="muted">
                {cap}
              </Text>
            </View>
          ))}
        </View>
      ))}
    </Sheet>
  )
}

const useStyles = createStyles(({ colors }) => ({
  title: { marginBottom: space.m },
  row: { flexDirection: 'row', alignItems: 'center', gap: space.xs, minHeight: 40 },
  word: { flex: 1 },
  cap: {
    minWidth: 30,
    alignItems: 'center',
    paddingHorizontal: space.s,
    paddingVertical: 4,
    borderRadius: 8,
    borderWidth: 1,
    borderBottomWidth: 2,
    borderColor: colors.line,
  },
}))
