import type { Conversation, ConversationMe, Marker, Message, Participant } from '@finnigram/contracts'
import { countUnread, readUpTo } from './message-reducer.ts'
import { changeParticipant } from './reducer.ts'

export interface MarkerMoved {
  conversation: Conversation
  unreadUnknown: boolean
}

interface OwnMessages {
  me: string
  /** Every message after my new read marker; null when some are not at hand. */
  unread: readonly Message[] | null
  /** Every message from my old read marker up to the new one; null when some are not at hand. */
  passed: readonly Message[] | null
}

/**
 * Moves somebody's markers forward, never back. My unread count is recomputed from stored messages.
 * If some are missing, the number of messages just read is subtracted from the count before.
 */
export function moveMarker(
  conversation: Conversation,
  { userId, readSeq = 0, deliveredSeq = 0 }: Marker,
  mine: OwnMessages,
): MarkerMoved {
  const moved = moveParticipantMarker(conversation, { userId, readSeq, deliveredSeq })
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
  const unread = readSeq >= lastSeq ? [] : mine.unread
  const counts = unread
    ? countUnread(unread, { me: mine.me, upTo: readUpTo({ ...me, lastReadSeq: readSeq }) })
    : countWithout(me, mine)
  const mostLeft = lastSeq - readSeq
  return {
    conversation: {
      ...moved,
      me: {
        ...me,
        ...counts,
        unreadCount: Math.min(counts.unreadCount, mostLeft),
        lastReadSeq: readSeq,
        lastDeliveredSeq,
      },
    },
    unreadUnknown: unread === null && mine.passed === null,
  }
}

function countWithout(me: ConversationMe, { me: userId, passed }: OwnMessages) {
  const gone = countUnread(passed ?? [], { me: userId, upTo: readUpTo(me) })
  return {
    unreadCount: Math.max(0, me.unreadCount - gone.unreadCount),
    mentionCount: Math.max(0, me.mentionCount - gone.mentionCount),
  }
}

function moveParticipantMarker(
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

/**
 * Merges a conversation that was fetched at the known version. Markers and drafts have no version
 * and never go back; participants that were loaded beyond the first hundred stay.
 */
export function mergeConversation(fresh: Conversation, known: Conversation): Conversation {
  const knownById = new Map(known.participants.map((one) => [one.userId, one]))
  const first = fresh.participants.map((one) => mergeParticipant(one, knownById.get(one.userId)))
  const freshIds = new Set(first.map(({ userId }) => userId))
  const beyond =
    first.length < fresh.participantCount
      ? known.participants.filter(({ userId }) => !freshIds.has(userId))
      : []
  const lastDeliveredSeq = Math.max(fresh.me.lastDeliveredSeq, known.me.lastDeliveredSeq)
  const me = { ...fresh.me, lastDeliveredSeq, ...newerDraft(fresh.me, known.me) }
  return { ...fresh, participants: [...first, ...beyond], me }
}

/** An answer and a frame of the socket may overtake each other. */
function newerDraft(fresh: ConversationMe, { draft, draftAt }: ConversationMe): Partial<ConversationMe> {
  const isKnown = draftAt && fresh.draftAt && draftAt > fresh.draftAt
  return isKnown ? { draft, draftAt } : {}
}

function mergeParticipant(fresh: Participant, known: Participant | undefined): Participant {
  if (!known) return fresh
  return {
    ...fresh,
    lastReadSeq: Math.max(fresh.lastReadSeq, known.lastReadSeq),
    lastDeliveredSeq: Math.max(fresh.lastDeliveredSeq, known.lastDeliveredSeq),
  }
}
