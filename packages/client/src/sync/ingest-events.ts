import type { ConversationEvent, Message } from '@finnigram/contracts'
import type { Transaction } from '../replica/transaction.ts'
import { applyEvents, type ConversationState } from './reducer.ts'

/** What is left to do after events were taken. */
export interface Taken {
  /** The events that changed something, in order. */
  applied: ConversationEvent[]
  /** Events before these are lacking. */
  gap: boolean
  /** The unread count has to be asked for. */
  unreadUnknown: boolean
  /** This device knows nothing of the conversation. */
  unknown: boolean
}

/** Takes events of one conversation into the replica: state, messages and version change together. */
export async function takeEvents(
  transaction: Transaction,
  events: readonly ConversationEvent[],
  { id, me }: { id: string; me: string },
): Promise<Taken> {
  const stored = transaction.conversation(id)
  if (!stored) return { applied: [], gap: false, unreadUnknown: false, unknown: true }
  const { conversation } = stored
  const before = await messagesTouchedBy(transaction, events, conversation)
  const { state, events: applied, gap, removed, unreadUnknown } = applyEvents(before, events, me)
  if (removed) {
    transaction.dropConversation(id, me)
    return { applied, gap: false, unreadUnknown: false, unknown: false }
  }
  for (const event of applied) takePeople(transaction, event)
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

/** Who left still stands in messages. */
function takePeople(transaction: Transaction, { type, data }: ConversationEvent): void {
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
