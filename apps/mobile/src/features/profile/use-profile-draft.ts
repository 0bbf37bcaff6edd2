import { ApiProblem } from '@finnigram/client'
import { useState } from 'react'
import { useClient } from '../../providers/client-provider.tsx'
import { useMe } from '../../providers/use-client-data.ts'
import { useTask } from '../../providers/use-task.ts'
import { checkEmail } from '../auth/auth-errors.ts'

/** My profile as it is being changed, and how to save it. */
export function useProfileDraft() {
  const { session } = useClient()
  const me = useMe()
  const { run, busy, problem } = useTask()
  const [draft, setDraft] = useState({
    displayName: me.displayName,
    bio: me.bio,
    email: me.email ?? '',
    password: '',
  })
  const [needsPassword, setNeedsPassword] = useState(false)
  const displayName = draft.displayName.trim()
  const bio = draft.bio.trim()
  const email = draft.email.trim()
  const newEmail = email !== (me.email ?? '')
  const changed = displayName !== me.displayName || bio !== me.bio || newEmail
  const emailError = email === '' ? undefined : checkEmail({ email }).email
  const update = async () => {
    const password = needsPassword ? { password: draft.password } : {}
    const address = newEmail ? { email: email === '' ? null : email, ...password } : {}
    try {
      await session.updateMe({ displayName, bio, ...address })
      setNeedsPassword(false)
      setDraft((before) => ({ ...before, password: '' }))
    } catch (error) {
      if (!(error instanceof ApiProblem && error.code === 'reauthentication_required')) throw error
      setNeedsPassword(true)
    }
  }
  return {
    draft,
    busy,
    problem,
    changed,
    needsPassword,
    emailError: typeof emailError === 'string' ? emailError : undefined,
    change: (part: Partial<typeof draft>) => setDraft((before) => ({ ...before, ...part })),
    save: () => {
      if (changed && displayName !== '' && emailError === undefined) void run(update)
    },
  }
}
