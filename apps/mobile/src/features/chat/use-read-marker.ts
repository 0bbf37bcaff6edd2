import type { ConversationView, MessagesSnapshot } from '@finnigram/client'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useClient } from '../../providers/client-provider.tsx'
import { useMe } from '../../providers/use-client-data.ts'
import type { ListView } from '../../ui/windowed-list/list-props.ts'
import type { ChatRow } from './build-rows.ts'
import { useIsAppInFocus } from './device.ts'
import { seqsByKey } from './seqs-by-key.ts'
import { ShownRanges } from './shown-ranges.ts'
import { unreadAboveCount } from './unread-above-count.ts'

type MarkerInput = Pick<MessagesSnapshot, 'items' | 'hasAfter' | 'readThrough'> & {
  conversation: ConversationView
  rows: readonly ChatRow[]
  visible: boolean
}

/** How long a message must be on screen to count as read, in milliseconds. */
const readAfterMs = 300

/**
 * Marks as read what was on screen while the app had the focus, and nothing else. `onMove` takes
 * the list's moves. `unreadAbove` counts unread messages above the viewport that were never shown:
 * null for none, 0 if their number is unknown.
 */
export function useReadMarker({ conversation, items, hasAfter, readThrough, rows, visible }: MarkerInput) {
  const { conversations } = useClient()
  const { id: userId } = useMe()
  const isWatched = useIsAppInFocus() && visible
  const seqs = useMemo(() => seqsByKey(rows, userId), [rows, userId])
  const [unreadAbove, setUnreadAbove] = useState<number | null>(null)
  const [shown] = useState(() => new ShownRanges())
  const view = useRef<ListView | null>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)

  const recordShown = (scrolled: boolean) => {
    const from = seqs.get(view.current?.firstVisible ?? '')?.from
    const to = seqs.get(view.current?.lastVisible ?? '')?.to
    if (!isWatched || from === undefined || to === undefined || view.current?.movement === 'jumping') return
    shown.show({ from, to }, scrolled)
    const { id, me } = conversation
    const read = Math.max(me.lastReadSeq, me.joinedSeq, readThrough)
    const marker = shown.shownFrom(read)
    setUnreadAbove(unreadAboveCount({ items, userId, me, hasAfter, marker, from }))
    if (marker === read || timer.current !== undefined) return
    timer.current = setTimeout(() => {
      timer.current = undefined
      conversations.markRead(id, marker)
      latest.current(false)
    }, readAfterMs)
  }
  const latest = useRef(recordShown)
  useEffect(() => {
    latest.current = recordShown
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs again when a message or a marker arrived.
  useEffect(() => latest.current(false), [rows, isWatched, conversation.me.lastReadSeq])
  useEffect(() => {
    if (!isWatched) return
    return () => {
      shown.breakContinuity()
      clearTimeout(timer.current)
      timer.current = undefined
    }
  }, [isWatched, shown])

  return {
    unreadAbove,
    onMove(next: ListView) {
      view.current = next
      if (next.movement === 'jumping') shown.breakContinuity()
      else recordShown(next.movement === 'scrolled')
    },
  }
}
