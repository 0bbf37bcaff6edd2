import type { MessageView } from '@finnigram/client'
import { useEffect, useRef } from 'react'
import { announce } from './announce.ts'

/** Announces what somebody else newly says in the open chat: never history, never mine. `sentence` leaves out what is not to be said. */
export function useAnnounceNew(
  items: readonly MessageView[],
  sentence: (message: MessageView) => string | undefined,
): void {
  const newest = useRef<number | null>(null)
  useEffect(() => {
    const before = newest.current
    const stored = items.filter(({ seq }) => seq !== null)
    newest.current = stored.at(-1)?.seq ?? before
    if (before === null) return
    const fresh = stored
      .filter(({ seq }) => seq !== null && seq > before)
      .flatMap((one) => sentence(one) ?? [])
    if (fresh.length > 0) announce(fresh.slice(-3).join('\n'))
  }, [items, sentence])
}
