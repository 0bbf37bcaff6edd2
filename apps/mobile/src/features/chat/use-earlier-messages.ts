import type { MessagesPart } from '@finnigram/client'
import { useCallback, useRef } from 'react'

const pauseMs = 3000

/** Loads older messages when the list nears its beginning; after a failure it waits before it asks again. */
export function useEarlierMessages(messages: MessagesPart): () => void {
  const failedAt = useRef(Number.NEGATIVE_INFINITY)
  return useCallback(() => {
    const { hasBefore, loadingBefore } = messages.snapshot()
    if (!hasBefore || loadingBefore || performance.now() - failedAt.current < pauseMs) return
    messages.loadBefore().catch(() => {
      failedAt.current = performance.now()
    })
  }, [messages])
}
