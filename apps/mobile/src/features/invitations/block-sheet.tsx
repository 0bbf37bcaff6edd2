import { StyleSheet, View } from 'react-native'
import type { PlainText } from '../../i18n/en.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { space } from '../../theme/scale.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { Text } from '../../ui/text.tsx'

type BlockSheetProps = {
  name: string
  open: boolean
  busy: boolean
  problem: PlainText | null
  onBlock: () => void
  onClose: () => void
}

/** Asks once before somebody is blocked. */
export function BlockSheet({ name, open, busy, problem, onBlock, onClose }: BlockSheetProps) {
  const { t } = useI18n()
  const title = t('blockQuestion', { name })
  return (
    <Sheet label={title} open={open} onClose={onClose}>
      <Text size="title" weight="600" role="heading" aria-level={2}>
        {title}
      </Text>
      <Text color="muted" style={styles.body}>
        {t('blockBody')}
      </Text>
      {problem !== null && <Notice text={t(problem)} />}
      <View style={styles.buttons}>
        <Button title={t('cancel')} kind="plain" onPress={onClose} />
        <Button
          testID="block-confirm"
          title={t('blockPerson', { name })}
          kind="danger"
          busy={busy}
          onPress={onBlock}
        />
      </View>
    </Sheet>
  )
}

const styles = StyleSheet.create({
  body: { marginVertical: space.s },
  buttons: { flexDirection: 'row', justifyContent: 'flex-end', gap: space.s, marginTop: space.l },
})
