import type { MessagesPart } from '@finnigram/client'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { PlainText } from '../../i18n/en.ts'
import { problemWords } from '../../providers/problem-words.ts'
import { useConnection } from '../../providers/use-client-data.ts'

const pauseMs = 3000

/** Loads older messages when the list nears its beginning; after a failure it waits before it asks again. */
export function useEarlierMessages(messages: MessagesPart) {
  const failedAt = useRef(Number.NEGATIVE_INFINITY)
  const [problem, setProblem] = useState<PlainText | null>(null)
  const online = useConnection() === 'online'
  const load = useCallback(() => {
    const { hasBefore, loadingBefore } = messages.snapshot()
    if (!hasBefore || loadingBefore || performance.now() - failedAt.current < pauseMs) return
    messages.loadBefore().then(
      () => setProblem(null),
      (error: unknown) => {
        failedAt.current = performance.now()
        setProblem(problemWords(error))
      },
    )
  }, [messages])
  const retry = useCallback(() => {
    failedAt.current = Number.NEGATIVE_INFINITY
    load()
  }, [load])
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again when the network is back, not at each failure.
  useEffect(() => {
    if (online && problem !== null) retry()
  }, [online, retry])
  return { load, retry, problem }
}
