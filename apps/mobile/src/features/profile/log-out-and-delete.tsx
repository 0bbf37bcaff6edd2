import { useState } from 'react'
import { StyleSheet, View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useClient } from '../../providers/client-provider.tsx'
import { serverName } from '../../providers/server-address.ts'
import { useConversations } from '../../providers/use-client-data.ts'
import { useTask } from '../../providers/use-task.ts'
import { space } from '../../theme/scale.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { Text } from '../../ui/text.tsx'
import { StepUpSheet, useStepUpForm } from './step-up-sheet.tsx'

/** Asks for confirmation before this device's data is deleted. */
export function LogOutSheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useI18n()
  const { session } = useClient()
  const waiting = useConversations().reduce((sum, { pendingCount }) => sum + pendingCount, 0)
  const { run, busy, problem } = useTask()
  const title = t('logOutQuestion', { server: serverName })
  return (
    <Sheet label={title} open={open} onClose={onClose}>
      <Text size="title" weight="600" role="heading" aria-level={2}>
        {title}
      </Text>
      <Text color="muted" style={styles.body}>
        {t('logOutBody')}
      </Text>
      {waiting > 0 && (
        <Text color="danger" style={styles.body}>
          {t('logOutLoses', { count: waiting })}
        </Text>
      )}
      {problem !== null && <Notice text={t(problem)} />}
      <View style={styles.buttons}>
        <Button title={t('cancel')} kind="plain" onPress={onClose} />
        <Button
          testID="log-out-confirm"
          title={t('logOut')}
          kind="danger"
          busy={busy}
          onPress={() => run(() => session.logout())}
        />
      </View>
    </Sheet>
  )
}

const styles = StyleSheet.create({
  body: { marginTop: space.s },
  buttons: { flexDirection: 'row', justifyContent: 'flex-end', gap: space.s, marginTop: space.xl },
})

/** Deletes the account, after a step-up that says what is deleted. */
export function DeleteAccount() {
  const { t } = useI18n()
  const [asking, setAsking] = useState(false)
  return (
    <>
      <Button
        testID="delete-account"
        title={t('deleteAccount')}
        kind="plainDanger"
        onPress={() => setAsking(true)}
      />
      {asking && <DeleteAccountSheet onClose={() => setAsking(false)} />}
    </>
  )
}

function DeleteAccountSheet({ onClose }: { onClose: () => void }) {
  const { t } = useI18n()
  const { session } = useClient()
  const form = useStepUpForm({ send: (proof) => session.deleteAccount(proof) })
  return (
    <StepUpSheet
      title="deleteAccount"
      body={t('deleteAccountBody')}
      action="deleteForGood"
      danger
      form={form}
      onClose={onClose}
    />
  )
}
