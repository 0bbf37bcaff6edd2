import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useClient } from '../../providers/client-provider.tsx'
import { useMe } from '../../providers/use-client-data.ts'
import { checkEmail } from '../auth/auth-errors.ts'
import { EmailField } from '../auth/email-field.tsx'
import { ProofSheet } from './step-up-sheet.tsx'
import { useProofForm } from './use-proof-form.ts'

/** Another e-mail address, which counts once its owner has said so. */
export function EmailSheet({ onClose }: { onClose: () => void }) {
  const { t } = useI18n()
  const { session } = useClient()
  const me = useMe()
  const form = useProofForm({
    check: checkEmail,
    send: (proof, { email }) => session.updateMe({ email: email.trim(), ...proof }).then(onClose),
  })
  const stays = me.email !== null && me.emailVerified
  return (
    <ProofSheet
      title={me.email === null ? 'addEmail' : 'changeEmail'}
      body={stays ? t('emailStays', { email: me.email ?? '' }) : t('emailHint')}
      action="sendLink"
      form={form}
      onClose={onClose}
    >
      <EmailField testID="new-email" label={t('newEmail')} autoFocus {...form.field('email')} />
    </ProofSheet>
  )
}

/** No address any more. */
export function RemoveEmailSheet({ onClose }: { onClose: () => void }) {
  const { t } = useI18n()
  const { session } = useClient()
  const form = useProofForm({ send: (proof) => session.updateMe({ email: null, ...proof }).then(onClose) })
  return (
    <ProofSheet
      title="removeEmail"
      body={t('removeEmailBody')}
      action="remove"
      danger
      form={form}
      onClose={onClose}
    />
  )
}
