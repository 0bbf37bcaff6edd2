import { isCounted, type MessageView } from '@finnigram/client'

type Passed = {
  items: readonly MessageView[]
  me: string
  hasAfter: boolean
  unreadCount: number
  /** Up to here all is read, or was shown just now. */
  marker: number
  /** The first message on screen. */
  from: number
}

/**
 * How many unread messages stand above what is on screen. Those that are not at hand are counted from the other side: all
 * that are unread, without those at hand. Undefined where messages are left out at both ends.
 */
export function unreadAboveCount({ items, me, hasAfter, unreadCount, marker, from }: Passed) {
  const first = items.find(({ seq }) => seq !== null)?.seq ?? Number.POSITIVE_INFINITY
  const count = (isMeant: (seq: number) => boolean) =>
    items.filter((item) => item.seq !== null && isMeant(item.seq) && isCounted(item, me)).length
  if (first <= marker + 1) return count((seq) => seq > marker && seq < from)
  return hasAfter ? undefined : Math.max(0, unreadCount - count((seq) => seq >= from))
}
