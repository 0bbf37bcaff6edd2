import type { MessagesSnapshot, MessageView } from '@finnigram/client'
import { useEffect, useRef } from 'react'
import { announce } from './device.ts'

/** Announces what somebody else newly says in the open chat: never history, never mine. `sentence` leaves out what is not to be said. */
export function useAnnounceNew(
  { items, hasAfter }: Pick<MessagesSnapshot, 'items' | 'hasAfter'>,
  sentence: (message: MessageView) => string | undefined,
): void {
  const newest = useRef<number | null>(null)
  useEffect(() => {
    const before = newest.current
    const stored = items.filter(({ seq }) => seq !== null)
    // Where newer ones are left out, what is added at the end is history.
    newest.current = hasAfter ? null : (stored.at(-1)?.seq ?? before)
    if (before === null || hasAfter) return
    const fresh = stored
      .filter(({ seq }) => seq !== null && seq > before)
      .flatMap((one) => sentence(one) ?? [])
    if (fresh.length > 0) announce(fresh.slice(-3).join('\n'))
  }, [items, hasAfter, sentence])
}
