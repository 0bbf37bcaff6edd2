import { useState } from 'react'
import { StyleSheet, View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useClient } from '../../providers/client-provider.tsx'
import { useMe } from '../../providers/use-client-data.ts'
import { useTask } from '../../providers/use-task.ts'
import { space } from '../../theme/scale.ts'
import { Button } from '../../ui/button.tsx'
import { Text } from '../../ui/text.tsx'
import { checkEmail } from '../auth/auth-errors.ts'
import { EmailField } from '../auth/auth-fields.tsx'
import { StepUpSheet, useStepUpForm } from './step-up-sheet.tsx'

/** Whether the address is verified, which new one is pending, and how to resend or cancel. */
export function EmailStatus() {
  const { t } = useI18n()
  const { session } = useClient()
  const me = useMe()
  const { run, busy, problem } = useTask()
  /** Remembered per address: another pending address starts anew. */
  const [sentTo, setSentTo] = useState<string>()
  const [cancelledFor, setCancelledFor] = useState<string>()
  const pending = me.pendingEmail ?? null
  if (me.email === null) return null
  if (me.emailVerified && pending === null) {
    return (
      <Text testID="email-state" size="small" color="muted" role="status">
        {cancelledFor === me.email ? t('emailKept', { email: me.email }) : t('emailVerified')}
      </Text>
    )
  }
  const address = pending ?? me.email
  const isSent = sentTo === address
  const waitingText = pending === null ? t('emailUnverified') : t('emailWaits', { pending, email: me.email })
  const resend = () => run(() => session.resendVerification().then(() => setSentTo(address)))
  const cancel = () =>
    run(() => session.updateMe({ email: me.email }).then(({ email }) => setCancelledFor(email ?? undefined)))
  const statusText = problem === null ? (isSent ? t('mailSent') : waitingText) : t(problem)
  return (
    <View style={styles.state}>
      <Text
        testID="email-state"
        size="small"
        color={problem === null ? 'muted' : 'danger'}
        role="status"
        style={styles.words}
      >
        {statusText}
      </Text>
      <View style={styles.buttons}>
        {!isSent && (
          <Button testID="resend-mail" title={t('resendMail')} kind="plain" busy={busy} onPress={resend} />
        )}
        {pending !== null && (
          <Button testID="cancel-email" title={t('cancelEmail')} kind="plain" onPress={cancel} />
        )}
      </View>
    </View>
  )
}

const styles = StyleSheet.create({
  state: { gap: space.xs },
  words: { flexShrink: 1 },
  // Aligns the buttons' text with the line above.
  buttons: { flexDirection: 'row', flexWrap: 'wrap', marginStart: -(space.l + 2) },
})

/** Changes the email address; the new one counts once it is verified. */
export function EmailSheet({ onClose }: { onClose: () => void }) {
  const { t } = useI18n()
  const { session } = useClient()
  const me = useMe()
  const form = useStepUpForm({
    check: checkEmail,
    send: (proof, { email }) => session.updateMe({ email: email.trim(), ...proof }).then(onClose),
  })
  const stays = me.email !== null && me.emailVerified
  return (
    <StepUpSheet
      title={me.email === null ? 'addEmail' : 'changeEmail'}
      body={stays ? t('emailStays', { email: me.email ?? '' }) : t('emailHint')}
      action="sendLink"
      form={form}
      onClose={onClose}
    >
      <EmailField testID="new-email" label={t('newEmail')} autoFocus {...form.field('email')} />
    </StepUpSheet>
  )
}

/** Removes the email address. */
export function RemoveEmailSheet({ onClose }: { onClose: () => void }) {
  const { t } = useI18n()
  const { session } = useClient()
  const form = useStepUpForm({ send: (proof) => session.updateMe({ email: null, ...proof }).then(onClose) })
  return (
    <StepUpSheet
      title="removeEmail"
      body={t('removeEmailBody')}
      action="remove"
      danger
      form={form}
      onClose={onClose}
    />
  )
}
