import { ApiProblem } from '@finnigram/client'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { PlainText } from '../i18n/en.ts'
import { type ProblemMessages, problemMessage } from './problem-messages.ts'

/**
 * Runs one thing at a time for a screen, and says what went wrong with it; `words` must stay the
 * same object.
 */
export function useTask(messages?: ProblemMessages) {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<PlainText | null>(null)
  const [failure, setFailure] = useState<unknown>(null)
  const running = useRef(false)
  const run = useCallback(
    async (task: () => Promise<unknown>) => {
      if (running.current) return
      running.current = true
      setBusy(true)
      setProblem(null)
      setFailure(null)
      try {
        await task()
      } catch (error) {
        setProblem(problemMessage(error, messages))
        setFailure(error)
      } finally {
        running.current = false
        setBusy(false)
      }
    },
    [messages],
  )
  return { run, busy, problem, fieldError: (field: string) => serverErrorFor(failure, field) }
}

/** The server's own sentence about a field of what was sent. */
function serverErrorFor(failure: unknown, field: string): string | undefined {
  if (!(failure instanceof ApiProblem)) return undefined
  return failure.errors.find(({ path }) => path.split('.').at(-1) === field)?.message
}

/**
 * Whether a screen is still there, for what takes time: who went elsewhere meanwhile is not taken
 * away from there.
 */
export function useIsMounted(): () => boolean {
  const isThere = useRef(false)
  useEffect(() => {
    isThere.current = true
    return () => {
      isThere.current = false
    }
  }, [])
  return useCallback(() => isThere.current, [])
}
