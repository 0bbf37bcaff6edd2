import { ApiProblem } from '@finnigram/client'
import { useEffect, useState } from 'react'
import type { PlainText } from '../../i18n/en.ts'
import { useClient } from '../../providers/client-provider.tsx'
import { problemWords } from '../../providers/problem-messages.ts'

type Outcome = 'checking' | 'done' | 'gone' | { problem: PlainText }

/** Proves an address with a mailed token, at once and again when asked to. */
export function useVerification(token: string) {
  const { session } = useClient()
  const [outcome, setOutcome] = useState<Outcome>('checking')
  const [attempt, setAttempt] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt asks again.
  useEffect(() => {
    let left = false
    const settle = (next: Outcome) => {
      if (!left) setOutcome(next)
    }
    session.verifyEmail(token).then(
      () => settle('done'),
      (error: unknown) => {
        const gone = error instanceof ApiProblem && error.code === 'gone'
        settle(gone ? 'gone' : { problem: problemWords(error) })
      },
    )
    return () => {
      left = true
    }
  }, [session, token, attempt])
  const again = () => {
    setOutcome('checking')
    setAttempt((before) => before + 1)
  }
  return { outcome, again }
}
