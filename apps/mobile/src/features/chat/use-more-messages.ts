import type { MessagesPart } from '@finnigram/client'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { PlainText } from '../../i18n/en.ts'
import { problemWords } from '../../providers/problem-messages.ts'
import { useConnection } from '../../providers/use-client-data.ts'

const pauseMs = 3000

export type ListEdge = 'start' | 'end'

/**
 * Loads more messages when the list nears one of its edges; after a failure it waits before it asks
 * again.
 */
export function useMoreMessages(messages: MessagesPart) {
  const failedAt = useRef(Number.NEGATIVE_INFINITY)
  const [failure, setFailure] = useState<{ edge: ListEdge; problem: PlainText } | null>(null)
  const online = useConnection() === 'online'
  const load = useCallback(
    (edge: ListEdge) => {
      const { hasBefore, hasAfter, loadingBefore } = messages.snapshot()
      const isThere = edge === 'start' ? hasBefore : hasAfter
      if (!isThere || loadingBefore || performance.now() - failedAt.current < pauseMs) return
      const loading = edge === 'start' ? messages.loadBefore() : messages.loadAfter()
      loading.then(
        () => setFailure(null),
        (error: unknown) => {
          failedAt.current = performance.now()
          setFailure({ edge, problem: problemWords(error) })
        },
      )
    },
    [messages],
  )
  const retry = useCallback(() => {
    failedAt.current = Number.NEGATIVE_INFINITY
    if (failure) load(failure.edge)
  }, [failure, load])
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again when the network is back, not at each failure.
  useEffect(() => {
    if (online) retry()
  }, [online])
  return { load, retry, failure }
}
