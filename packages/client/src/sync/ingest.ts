import type { ConversationEvent, SyncReply } from '@finnigram/contracts'
import type { Transaction } from '../replica/transaction.ts'
import { takeConversation } from './ingest-conversation.ts'
import { takeEvents } from './ingest-events.ts'
import { takeMarker } from './ingest-marker.ts'
import { takeMine } from './ingest-me.ts'

/** What is left to do, by conversation. */
export interface FollowUp {
  /** Conversations whose events have a gap. */
  behind: Set<string>
  /** Conversations whose unread count has to be asked for. */
  unreadUnknown: Set<string>
  /** Conversations this device does not know. */
  unknown: Set<string>
  applied: ConversationEvent[]
}

export function noFollowUp(): FollowUp {
  return { behind: new Set(), unreadUnknown: new Set(), unknown: new Set(), applied: [] }
}

export interface TakenReply {
  reply: SyncReply
  /** The versions that were asked with. */
  asked: Readonly<Record<string, number>>
  /** Where the next sync begins; not there while this one goes on. */
  cursor: string | undefined
  me: string
}

/** Takes what `/v1/sync` answered to the versions `asked`, all of it or nothing: the events first, then what the conversations are now. */
export async function takeSync(
  transaction: Transaction,
  { reply, asked, cursor, me }: TakenReply,
): Promise<FollowUp> {
  const followUp = noFollowUp()
  const reset = new Set(reply.reset)
  transaction.putPeople(reply.users ?? [])
  for (const id of reply.removed) if (transaction.conversation(id)) transaction.dropConversation(id, me)
  for (const [id, events] of Object.entries(reply.events)) {
    const taken = await takeEvents(transaction, events, { id, me })
    followUp.applied.push(...taken.applied)
    if (taken.gap) followUp.behind.add(id)
    if (taken.unreadUnknown) followUp.unreadUnknown.add(id)
  }
  for (const fresh of reply.conversations) {
    const taken = await takeConversation(transaction, { fresh, me, reset: reset.has(fresh.id) })
    if (taken.behind && !reply.more) followUp.behind.add(fresh.id)
    else if (!taken.behind && !taken.unreadUnknown) followUp.unreadUnknown.delete(fresh.id)
    if (taken.unreadUnknown) followUp.unreadUnknown.add(fresh.id)
  }
  for (const { conversationId, me: fresh } of reply.me) {
    const version = transaction.conversation(conversationId)?.conversation.version
    const countsFit = !reply.more && version === asked[conversationId]
    const unknown = await takeMine(transaction, { conversationId, fresh, me, countsFit })
    if (unknown) followUp.unreadUnknown.add(conversationId)
  }
  for (const marker of reply.markers) {
    if (await takeMarker(transaction, { marker, me })) followUp.unreadUnknown.add(marker.conversationId)
  }
  if (cursor !== undefined) transaction.putCursor(cursor)
  return followUp
}
