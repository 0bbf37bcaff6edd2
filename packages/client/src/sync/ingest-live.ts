import type { ConversationEvent, ConversationMe, Marker } from '@finnigram/contracts'
import type { Transaction } from '../replica/transaction.ts'
import { type FollowUp, noFollowUp } from './ingest.ts'
import { takeEvents } from './ingest-events.ts'
import { takeMarker } from './ingest-marker.ts'
import { takeMine } from './ingest-me.ts'

/** What comes over the socket and becomes part of the replica. */
export type Live =
  | { events: readonly ConversationEvent[] }
  | { marker: Marker }
  | { mine: { conversationId: string; me: ConversationMe } }

/** Takes what came over the socket since the last batch, in the order in which it came. */
export async function takeLive(transaction: Transaction, batch: Live[], me: string): Promise<FollowUp> {
  const left = noFollowUp()
  for (const live of batch) {
    if ('events' in live) {
      await takeFrame(transaction, live.events, { me, left })
    } else if ('marker' in live) {
      const unknown = await takeMarker(transaction, { marker: live.marker, me })
      if (unknown) left.unreadUnknown.add(live.marker.conversationId)
    } else {
      const { conversationId, me: fresh } = live.mine
      const unknown = await takeMine(transaction, { conversationId, fresh, me, countsFit: false })
      if (unknown) left.unreadUnknown.add(conversationId)
    }
  }
  return left
}

async function takeFrame(
  transaction: Transaction,
  frame: readonly ConversationEvent[],
  { me, left }: { me: string; left: FollowUp },
): Promise<void> {
  for (const [id, events] of byConversation(frame)) {
    const taken = await takeEvents(transaction, events, { id, me })
    left.applied.push(...taken.applied)
    if (taken.unknown) left.unknown.add(id)
    if (taken.gap) left.behind.add(id)
    if (taken.unreadUnknown) left.unreadUnknown.add(id)
  }
}

function byConversation(events: readonly ConversationEvent[]): Map<string, ConversationEvent[]> {
  const groups = new Map<string, ConversationEvent[]>()
  for (const event of events) {
    const group = groups.get(event.conversationId) ?? []
    groups.set(event.conversationId, group)
    group.push(event)
  }
  return groups
}
