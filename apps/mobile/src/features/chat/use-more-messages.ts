import type { MessagesPart } from '@finnigram/client'
import { useCallback, useRef } from 'react'

const pauseMs = 3000

/** Loads more messages when the list nears one of its edges; after a failure it waits before it asks again. */
export function useMoreMessages(messages: MessagesPart): (edge: 'start' | 'end') => void {
  const failedAt = useRef(Number.NEGATIVE_INFINITY)
  return useCallback(
    (edge) => {
      const { hasBefore, hasAfter, loadingBefore } = messages.snapshot()
      const isThere = edge === 'start' ? hasBefore : hasAfter
      if (!isThere || loadingBefore || performance.now() - failedAt.current < pauseMs) return
      const loading = edge === 'start' ? messages.loadBefore() : messages.loadAfter()
      loading.catch(() => {
        failedAt.current = performance.now()
      })
    },
    [messages],
  )
}
