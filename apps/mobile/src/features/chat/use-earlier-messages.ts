import type { MessagesPart } from '@finnigram/client'
import { useCallback, useRef } from 'react'

const pauseMs = 3000

/** Loads older messages when the list nears its beginning; after a failure it waits before it asks again. */
export function useEarlierMessages(messages: MessagesPart): () => void {
  const waiting = useRef(false)
  return useCallback(() => {
    const { hasBefore, loadingBefore } = messages.snapshot()
    if (waiting.current || !hasBefore || loadingBefore) return
    waiting.current = true
    const open = () => {
      waiting.current = false
    }
    messages.loadBefore().then(open, () => setTimeout(open, pauseMs))
  }, [messages])
}
