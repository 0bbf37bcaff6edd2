import type { Conversation, Message } from '@finnigram/contracts'
import { isUnreadFor } from '../sync/count-unread.ts'

/** Where unread messages begin for `me` who had read up to `readSeq`; null when nothing is unread. */
export function firstUnread(
  { lastSeq }: Conversation,
  window: readonly Message[],
  { me, readSeq }: { me: string; readSeq: number },
): number | null {
  if (readSeq >= lastSeq) return null
  const first = window[0]?.seq ?? lastSeq + 1
  if (first > readSeq + 1) return readSeq + 1
  return window.find((message) => isUnreadFor(message, me, readSeq))?.seq ?? null
}
