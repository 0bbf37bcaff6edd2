import { useCallback, useRef, useState } from 'react'
import type { PlainText } from '../i18n/en.ts'
import { problemWords } from './problem-words.ts'

/** Runs one thing at a time for a screen, and says what went wrong with it. */
export function useTask() {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<PlainText | null>(null)
  const running = useRef(false)
  const run = useCallback(async (task: () => Promise<unknown>) => {
    if (running.current) return
    running.current = true
    setBusy(true)
    setProblem(null)
    try {
      await task()
    } catch (error) {
      setProblem(problemWords(error))
    } finally {
      running.current = false
      setBusy(false)
    }
  }, [])
  return { run, busy, problem }
}
