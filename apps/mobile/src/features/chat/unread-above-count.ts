import { isCounted, type MessageView } from '@finnigram/client'

type UnreadAboveInput = {
  items: readonly MessageView[]
  userId: string
  me: { unreadCount: number }
  hasAfter: boolean
  /** Up to here all is read, or was shown just now. */
  marker: number
  /** The first message on screen. */
  from: number
}

/**
 * How many unread messages stand above what is on screen; null for none. Those that are not at hand are counted from the
 * other side: all that are unread, without those at hand. 0 where messages are left out at both ends: some, nobody knows how many.
 */
export function unreadAboveCount({
  items,
  userId,
  me,
  hasAfter,
  marker,
  from,
}: UnreadAboveInput): number | null {
  if (me.unreadCount === 0 || from <= marker + 1) return null
  const first = items.find(({ seq }) => seq !== null)?.seq ?? Number.POSITIVE_INFINITY
  const count = (isMeant: (seq: number) => boolean) =>
    items.filter((item) => item.seq !== null && isMeant(item.seq) && isCounted(item, userId)).length
  if (first <= marker + 1) return count((seq) => seq > marker && seq < from)
  return hasAfter ? 0 : Math.max(0, me.unreadCount - count((seq) => seq >= from))
}
