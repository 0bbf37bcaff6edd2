import type { Conversation, Message } from '@finnigram/contracts'
import { isUnread } from '../sync/message-reducer.ts'

/** The first unread seq for `me`, who had read up to `upTo`; null when nothing is unread. */
export function firstUnread(
  { lastSeq }: Conversation,
  window: readonly Message[],
  { me, upTo }: { me: string; upTo: number },
): number | null {
  if (upTo >= lastSeq) return null
  const first = window[0]?.seq ?? lastSeq + 1
  if (first > upTo + 1) return upTo + 1
  return window.find((message) => isUnread(message, me, upTo))?.seq ?? null
}
