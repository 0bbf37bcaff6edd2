import type { ConversationEvent, ConversationMe, Marker, Message, SyncReply } from '@finnigram/contracts'
import type { Transaction } from '../replica/transaction.ts'
import { ingestConversation, ingestMarker, ingestMe } from './ingest-conversation.ts'
import { applyEvents, type ConversationState } from './reducer.ts'

/**
 * The way of everything that the server says into the replica: pages of a sync, frames of the
 * socket, and (in `ingest-conversation.ts`) the answers to own calls.
 *
 * Promise: order, gaps and resets are handled here, so that it does not matter how something came.
 * A page or a batch of frames is stored in one transaction, or not at all; the cursor of a sync is
 * stored with its last page.
 *
 * Procedure: events first, through `reducer.ts`. Then whole conversations, which correct what
 * events cannot tell. Then my own settings, then markers. What cannot be settled from this device
 * is returned as a `FollowUp`, and `SyncEngine` asks the server for it:
 *
 * - `behind`: there is a gap before an event. Fetch the events between.
 * - `unknown`: an event of a conversation that this device does not know. Sync.
 * - `unreadUnknown`: the unread count needs messages that are not here. Fetch the conversation.
 *
 * It never calls the server, never goes back to a lower version (a reset excepted), and never
 * counts messages that it does not have.
 */

/** What is left to do, by conversation. */
export interface FollowUp {
  /** Conversations whose events have a gap. */
  behind: Set<string>
  /** Conversations whose unread count has to be fetched. */
  unreadUnknown: Set<string>
  /** Conversations this device does not know. */
  unknown: Set<string>
  applied: ConversationEvent[]
}

export function emptyFollowUp(): FollowUp {
  return { behind: new Set(), unreadUnknown: new Set(), unknown: new Set(), applied: [] }
}

export interface SyncPage {
  reply: SyncReply
  /** The versions that were asked with. */
  asked: Readonly<Record<string, number>>
  /** Where the next sync begins; undefined while this one goes on. */
  cursor: string | undefined
  me: string
}

/** Stores a page that `/v1/sync` answered to the versions `asked`. */
export async function ingestSync(
  transaction: Transaction,
  { reply, asked, cursor, me }: SyncPage,
): Promise<FollowUp> {
  const followUp = emptyFollowUp()
  const reset = new Set(reply.reset)
  transaction.putPeople(reply.users ?? [])
  for (const id of reply.removed) if (transaction.conversation(id)) transaction.dropConversation(id, me)
  for (const [id, events] of Object.entries(reply.events)) {
    const taken = await ingestEvents(transaction, events, { id, me })
    followUp.applied.push(...taken.applied)
    if (taken.gap) followUp.behind.add(id)
    if (taken.unreadUnknown) followUp.unreadUnknown.add(id)
  }
  for (const fresh of reply.conversations) {
    const taken = await ingestConversation(transaction, { fresh, me, reset: reset.has(fresh.id) })
    if (taken.behind && !reply.more) followUp.behind.add(fresh.id)
    else if (!taken.behind && !taken.unreadUnknown) followUp.unreadUnknown.delete(fresh.id)
    if (taken.unreadUnknown) followUp.unreadUnknown.add(fresh.id)
  }
  for (const { conversationId, me: fresh } of reply.me) {
    const version = transaction.conversation(conversationId)?.conversation.version
    const countsFit = !reply.more && version === asked[conversationId]
    const unknown = await ingestMe(transaction, { conversationId, fresh, me, countsFit })
    if (unknown) followUp.unreadUnknown.add(conversationId)
  }
  for (const marker of reply.markers) {
    if (await ingestMarker(transaction, { marker, me })) followUp.unreadUnknown.add(marker.conversationId)
  }
  if (cursor !== undefined) transaction.putCursor(cursor)
  return followUp
}

/** What a frame of the socket brings. */
export type LiveUpdate =
  | { events: readonly ConversationEvent[] }
  | { marker: Marker }
  | { mine: { conversationId: string; me: ConversationMe } }

/** Stores the frames since the last batch, in the order in which they came. */
export async function ingestLive(
  transaction: Transaction,
  batch: LiveUpdate[],
  me: string,
): Promise<FollowUp> {
  const left = emptyFollowUp()
  for (const live of batch) {
    if ('events' in live) {
      await ingestFrame(transaction, live.events, { me, left })
    } else if ('marker' in live) {
      const unknown = await ingestMarker(transaction, { marker: live.marker, me })
      if (unknown) left.unreadUnknown.add(live.marker.conversationId)
    } else {
      const { conversationId, me: fresh } = live.mine
      const unknown = await ingestMe(transaction, { conversationId, fresh, me, countsFit: false })
      if (unknown) left.unreadUnknown.add(conversationId)
    }
  }
  return left
}

async function ingestFrame(
  transaction: Transaction,
  frame: readonly ConversationEvent[],
  { me, left }: { me: string; left: FollowUp },
): Promise<void> {
  for (const [id, events] of byConversation(frame)) {
    const taken = await ingestEvents(transaction, events, { id, me })
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

/** What became of the events of one conversation. */
interface IngestedEvents {
  /** The events that changed something, in order. */
  applied: ConversationEvent[]
  /** Events before these are missing. */
  gap: boolean
  /** The unread count has to be fetched. */
  unreadUnknown: boolean
  /** This device knows nothing of the conversation. */
  unknown: boolean
}

/** Stores events of one conversation: state, messages and version change together. */
export async function ingestEvents(
  transaction: Transaction,
  events: readonly ConversationEvent[],
  { id, me }: { id: string; me: string },
): Promise<IngestedEvents> {
  const stored = transaction.conversation(id)
  if (!stored) return { applied: [], gap: false, unreadUnknown: false, unknown: true }
  const { conversation } = stored
  const before = await messagesTouchedBy(transaction, events, conversation)
  const { state, events: applied, gap, removed, unreadUnknown } = applyEvents(before, events, me)
  if (removed) {
    transaction.dropConversation(id, me)
    return { applied, gap: false, unreadUnknown: false, unknown: false }
  }
  for (const event of applied) ingestPeople(transaction, event)
  if (applied.length > 0) {
    transaction.putConversation({ ...stored, conversation: state.conversation })
    const changed = [...state.messages].filter(([seq, message]) => before.messages.get(seq) !== message)
    transaction.putMessages(
      id,
      changed.map(([, message]) => message),
    )
    for (const event of applied) {
      if (event.type === 'message.created' && event.data.message.senderId === me) {
        transaction.deleteOutbox({ id: event.data.message.id, conversationId: id })
      }
    }
  }
  return { applied, gap, unreadUnknown, unknown: false }
}

async function messagesTouchedBy(
  transaction: Transaction,
  events: readonly ConversationEvent[],
  conversation: ConversationState['conversation'],
): Promise<ConversationState> {
  const messages = new Map<number, Message>()
  for (const event of events) {
    if (event.version <= conversation.version) continue
    const seq = seqOf(event)
    if (seq === null || seq > conversation.lastSeq || messages.has(seq)) continue
    const message = await transaction.message(conversation.id, seq)
    if (message) messages.set(seq, message)
  }
  return { conversation, messages }
}

/** Messages still name those who left, so their profiles are kept. */
function ingestPeople(transaction: Transaction, { type, data }: ConversationEvent): void {
  if (type === 'participant.added') transaction.putParticipants([data.participant])
  if (type !== 'participant.removed') return
  if (data.user) transaction.putPeople([data.user])
  transaction.keepPeople([data.userId])
}

/** The message that an event is about, when it changes one. */
function seqOf({ data }: ConversationEvent): number | null {
  if ('seq' in data) return data.seq
  return 'message' in data ? data.message.seq : null
}
