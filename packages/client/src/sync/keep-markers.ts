import type { Conversation, ConversationMe, Participant } from '@finnigram/contracts'

/**
 * A conversation fetched at the version known here: markers and drafts, which have no version,
 * never go back; people loaded beyond the first hundred stay.
 */
export function keepMarkers(fresh: Conversation, known: Conversation): Conversation {
  const knownById = new Map(known.participants.map((one) => [one.userId, one]))
  const first = fresh.participants.map((one) => furthest(one, knownById.get(one.userId)))
  const freshIds = new Set(first.map(({ userId }) => userId))
  const beyond =
    first.length < fresh.participantCount
      ? known.participants.filter(({ userId }) => !freshIds.has(userId))
      : []
  const lastDeliveredSeq = Math.max(fresh.me.lastDeliveredSeq, known.me.lastDeliveredSeq)
  const me = { ...fresh.me, lastDeliveredSeq, ...newerDraft(fresh.me, known.me) }
  return { ...fresh, participants: [...first, ...beyond], me }
}

/** An answer and what the socket tells may overtake each other. */
function newerDraft(fresh: ConversationMe, { draft, draftAt }: ConversationMe): Partial<ConversationMe> {
  const isKnown = draftAt && fresh.draftAt && draftAt > fresh.draftAt
  return isKnown ? { draft, draftAt } : {}
}

function furthest(fresh: Participant, known: Participant | undefined): Participant {
  if (!known) return fresh
  return {
    ...fresh,
    lastReadSeq: Math.max(fresh.lastReadSeq, known.lastReadSeq),
    lastDeliveredSeq: Math.max(fresh.lastDeliveredSeq, known.lastDeliveredSeq),
  }
}
