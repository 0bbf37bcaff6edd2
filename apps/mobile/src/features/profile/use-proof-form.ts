import { ApiProblem, type Proof } from '@finnigram/client'
import { useState } from 'react'
import { useMe } from '../../providers/use-client-data.ts'
import type { AuthErrors, AuthValues } from '../auth/auth-errors.ts'
import { useAuthForm } from '../auth/use-auth-form.ts'

type ProofFormInput = {
  /** What else can be seen to be wrong before the server is asked. */
  check?: (values: AuthValues) => AuthErrors
  send: (proof: Proof, values: AuthValues) => Promise<unknown>
}

/** A form for what changes how the account is entered: it asks for the password, and for a code where a second factor is on. */
export function useProofForm({ check, send }: ProofFormInput) {
  const { totpEnabled } = useMe()
  // The factor may have been turned on elsewhere.
  const [asked, setAsked] = useState(false)
  const needsCode = totpEnabled || asked
  const form = useAuthForm({
    check: (values) => ({
      ...check?.(values),
      ...(values.password === '' ? { password: 'needPassword' as const } : {}),
      ...(needsCode && values.code.trim() === '' ? { code: 'needCode' as const } : {}),
    }),
    send: async (values) => {
      const totp = needsCode ? { totp: values.code.trim() } : {}
      try {
        await send({ password: values.password, ...totp }, values)
      } catch (error) {
        if (!(error instanceof ApiProblem && error.code === 'totp_required')) throw error
        setAsked(true)
      }
    },
  })
  return { ...form, needsCode }
}
