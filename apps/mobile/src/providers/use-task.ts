import { ApiProblem } from '@finnigram/client'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { PlainText } from '../i18n/en.ts'
import { type ProblemMessages, problemMessage } from './problem-messages.ts'

/** Runs one async task at a time and keeps its error. `messages` must stay the same object. */
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

/** The server's error about one field. */
function serverErrorFor(failure: unknown, field: string): string | undefined {
  if (!(failure instanceof ApiProblem)) return undefined
  return failure.errors.find(({ path }) => path.split('.').at(-1) === field)?.message
}

/**
 * Whether the component is still mounted, so that a slow task does not navigate away from another
 * screen.
 */
export function useIsMounted(): () => boolean {
  const isMounted = useRef(false)
  useEffect(() => {
    isMounted.current = true
    return () => {
      isMounted.current = false
    }
  }, [])
  return useCallback(() => isMounted.current, [])
}
