import { useState } from 'react'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useClient } from '../../providers/client-provider.tsx'
import { Button } from '../../ui/button.tsx'
import { ProofSheet } from './step-up-sheet.tsx'
import { useProofForm } from './use-proof-form.ts'

/** The end of the account, behind a question that says what stays and what goes. */
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
  const form = useProofForm({ send: (proof) => session.deleteAccount(proof) })
  return (
    <ProofSheet
      title="deleteAccount"
      body={t('deleteAccountBody')}
      action="deleteForGood"
      danger
      form={form}
      onClose={onClose}
    />
  )
}
