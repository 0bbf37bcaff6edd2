import { View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { createStyles } from '../../theme/create-styles.ts'
import { radius, space } from '../../theme/scale.ts'
import { Button } from '../../ui/button.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { Text } from '../../ui/text.tsx'

/** The recovery codes, once. It closes by its button alone: a press beside it must not lose them. */
export function RecoveryCodesSheet({ codes, onClose }: { codes: string[]; onClose: () => void }) {
  const { t } = useI18n()
  const styles = useStyles()
  return (
    <Sheet label={t('recoveryTitle')} open onClose={() => undefined}>
      <Text size="title" weight="600" role="heading" aria-level={2}>
        {t('recoveryTitle')}
      </Text>
      <Text color="muted" style={styles.body}>
        {t('recoveryBody')}
      </Text>
      <View role="list" style={styles.codes}>
        {codes.map((code) => (
          <Text key={code} testID="recovery-code" role="listitem" size="small" selectable style={styles.code}>
            {code}
          </Text>
        ))}
      </View>
      <Button testID="recovery-done" title={t('recoveryDone')} wide onPress={onClose} />
    </Sheet>
  )
}

const useStyles = createStyles(({ colors }) => ({
  body: { marginTop: space.s, marginBottom: space.l },
  codes: {
    padding: space.l,
    marginBottom: space.l,
    gap: space.xs,
    borderRadius: radius.card,
    backgroundColor: colors.surface,
  },
  code: { fontFamily: 'monospace', textAlign: 'center' },
}))
