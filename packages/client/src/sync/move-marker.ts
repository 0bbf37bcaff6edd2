import type { Conversation, Marker, Message } from '@finnigram/contracts'
import { countUnread, readUpTo } from './count-unread.ts'
import { changeParticipant } from './participants.ts'

export interface MarkerMoved {
  conversation: Conversation
  unreadUnknown: boolean
}

/** Moves someone's markers forward, never back. `unread` has every message after my new read marker, or is null when some are not at hand. */
export function moveMarker(
  conversation: Conversation,
  { userId, readSeq = 0, deliveredSeq = 0 }: Marker,
  mine: { me: string; unread: readonly Message[] | null },
): MarkerMoved {
  const moved = moveOfOne(conversation, { userId, readSeq, deliveredSeq })
  if (userId !== mine.me) return { conversation: moved, unreadUnknown: false }
  const { me, lastSeq } = conversation
  const lastDeliveredSeq = Math.max(me.lastDeliveredSeq, deliveredSeq, readSeq)
  if (readSeq <= me.lastReadSeq) {
    const same = lastDeliveredSeq === me.lastDeliveredSeq
    return {
      conversation: same ? moved : { ...moved, me: { ...me, lastDeliveredSeq } },
      unreadUnknown: false,
    }
  }
  const known = readSeq >= lastSeq ? [] : mine.unread
  const counts = known
    ? countUnread(known, { me: mine.me, upTo: readUpTo({ ...me, lastReadSeq: readSeq }) })
    : { unreadCount: Math.min(me.unreadCount, lastSeq - readSeq), mentionCount: me.mentionCount }
  return {
    conversation: { ...moved, me: { ...me, lastReadSeq: readSeq, lastDeliveredSeq, ...counts } },
    unreadUnknown: known === null,
  }
}

function moveOfOne(
  conversation: Conversation,
  { userId, readSeq, deliveredSeq }: Required<Omit<Marker, 'conversationId'>>,
): Conversation {
  const one = conversation.participants.find((participant) => participant.userId === userId)
  if (!one) return conversation
  const lastReadSeq = Math.max(one.lastReadSeq, readSeq)
  const lastDeliveredSeq = Math.max(one.lastDeliveredSeq, deliveredSeq, readSeq)
  if (lastReadSeq === one.lastReadSeq && lastDeliveredSeq === one.lastDeliveredSeq) return conversation
  const participants = changeParticipant(conversation.participants, userId, { lastReadSeq, lastDeliveredSeq })
  return { ...conversation, participants }
}
