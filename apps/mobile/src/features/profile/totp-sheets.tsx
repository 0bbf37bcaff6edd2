import type { TotpSecret } from '@finnigram/client'
import { useState } from 'react'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useClient } from '../../providers/client-provider.tsx'
import { RecoveryCodesSheet } from './recovery-codes-sheet.tsx'
import { ProofSheet } from './step-up-sheet.tsx'
import { TotpSecretSheet } from './totp-secret-sheet.tsx'
import { useProofForm } from './use-proof-form.ts'

type SheetProps = { onClose: () => void }

/** Turning the second factor on: the password, the secret with a first code, the recovery codes. */
export function StartTotpSheet({ onClose }: SheetProps) {
  const { t } = useI18n()
  const { session } = useClient()
  const [secret, setSecret] = useState<TotpSecret>()
  const [codes, setCodes] = useState<string[]>()
  const form = useProofForm({
    send: async ({ password }) => setSecret(await session.startTotp(password)),
  })
  if (codes !== undefined) return <RecoveryCodesSheet codes={codes} onClose={onClose} />
  if (secret !== undefined) return <TotpSecretSheet {...secret} onConfirmed={setCodes} onClose={onClose} />
  return <ProofSheet title="totpOnTitle" body={t('totpOnBody')} action="next" form={form} onClose={onClose} />
}

/** Turning it off again. */
export function EndTotpSheet({ onClose }: SheetProps) {
  const { t } = useI18n()
  const { session } = useClient()
  const form = useProofForm({ send: (proof) => session.endTotp(proof).then(onClose) })
  return (
    <ProofSheet
      title="totpOffTitle"
      body={t('totpOffBody')}
      action="turnOff"
      danger
      form={form}
      onClose={onClose}
    />
  )
}
