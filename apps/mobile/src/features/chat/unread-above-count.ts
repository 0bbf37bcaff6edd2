import { isCounted, type MessageView } from '@finnigram/client'

type UnreadAboveInput = {
  items: readonly MessageView[]
  userId: string
  me: { unreadCount: number }
  hasAfter: boolean
  /** Everything up to this seq is read, or was just shown. */
  marker: number
  /** Seq of the first message on screen. */
  from: number
}

/**
 * Number of unread messages above the viewport; null for none. If they are not all loaded, it
 * subtracts the loaded ones below from the total. If messages are missing at both ends the number
 * is unknown: 0.
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
