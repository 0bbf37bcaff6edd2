import { ApiProblem } from '@finnigram/client'
import { useCallback, useState } from 'react'
import { useClient } from '../../providers/client-provider.tsx'
import { type AuthErrors, type AuthValues, checkSignIn } from './auth-errors.ts'
import { useAuthForm } from './use-auth-form.ts'

/** Signing in, in one step or in two. */
export function useSignIn() {
  const { session } = useClient()
  const [needsCode, setNeedsCode] = useState(false)
  const check = useCallback(
    (values: AuthValues): AuthErrors => ({
      ...checkSignIn(values),
      ...(needsCode && values.code.trim() === '' ? { code: 'needCode' } : {}),
    }),
    [needsCode],
  )
  const send = useCallback(
    async ({ username, password, code }: AuthValues) => {
      const totp = needsCode ? { totp: code.trim() } : {}
      try {
        await session.login({ identifier: username.trim(), password, ...totp })
      } catch (error) {
        if (!(error instanceof ApiProblem && error.code === 'totp_required')) throw error
        setNeedsCode(true)
      }
    },
    [session, needsCode],
  )
  return { ...useAuthForm({ check, send }), needsCode }
}
