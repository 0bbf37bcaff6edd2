import type {
  Conversation,
  ConversationEventData,
  ConversationEventType,
  ConversationMe,
  Message,
} from '@finnigram/contracts'
import { isNamed, isUnread, readUpTo } from './count-unread.ts'
import { changeMessage } from './message-reducer.ts'
import { addParticipant, changeRole, removeParticipant } from './participants.ts'

/** What a batch of events works on. */
export interface Draft {
  readonly me: string
  conversation: Conversation
  messages: Map<number, Message>
  removed: boolean
  unreadUnknown: boolean
}

/** A durable fact of type `T`. */
export interface EventOf<T extends ConversationEventType> {
  conversationId: string
  version: number
  type: T
  at: string
  actorId: string
  data: ConversationEventData[T]
}

type EventAppliers = { [T in ConversationEventType]: (draft: Draft, event: EventOf<T>) => void }

/** What each fact means to what this device knows. */
const eventAppliers: EventAppliers = {
  'message.created': createMessage,
  'message.edited': replaceMessage,
  'message.deleted': (draft, event) => changeAt(draft, event.data.seq, event),
  'reaction.added': (draft, event) => changeAt(draft, event.data.seq, event),
  'reaction.removed': (draft, event) => changeAt(draft, event.data.seq, event),
  'message.pinned': () => undefined,
  'message.unpinned': () => undefined,
  'conversation.created': () => undefined,
  'conversation.updated': (draft, { data }) => change(draft, data),
  'participant.added': addParticipant,
  'participant.removed': removeParticipant,
  'participant.role_changed': changeRole,
}

/** Applies the event that follows `draft.conversation.version`; a type this version does not know only counts. */
export function applyEvent<T extends ConversationEventType>(draft: Draft, event: EventOf<T>): void {
  eventAppliers[event.type]?.(draft, event)
  change(draft, { version: event.version })
}

function change(draft: Draft, changes: Partial<Conversation>): void {
  draft.conversation = { ...draft.conversation, ...changes }
}

function createMessage(draft: Draft, { data: { message } }: EventOf<'message.created'>): void {
  draft.messages.set(message.seq, message)
  const counts = countsOf(message, draft)
  change(draft, {
    lastSeq: message.seq,
    lastMessage: message,
    me: addCounts(draft.conversation.me, counts, 1),
  })
}

/** What is not at hand stays so, like in `changeAt`: a single message before others that are lacking would be a hole. */
function replaceMessage(draft: Draft, { data: { message } }: EventOf<'message.edited'>): void {
  const before = messageAt(draft, message.seq)
  const { me, lastSeq } = draft.conversation
  if (!before) {
    if (message.seq > readUpTo(me)) draft.unreadUnknown = true
    return
  }
  const without = addCounts(me, countsOf(before, draft), -1)
  change(draft, { me: addCounts(without, countsOf(message, draft), 1) })
  draft.messages.set(message.seq, message)
  if (message.seq === lastSeq) change(draft, { lastMessage: message })
}

type MessageChange = EventOf<'message.deleted' | 'reaction.added' | 'reaction.removed'>

/** A message that is not at hand is changed when it is fetched: the server's copy has the change already. */
function changeAt(draft: Draft, seq: number, event: MessageChange): void {
  const before = messageAt(draft, seq)
  const { me, lastSeq } = draft.conversation
  if (!before) {
    if (event.type === 'message.deleted' && seq > readUpTo(me)) draft.unreadUnknown = true
    return
  }
  const after = changeMessage(before, event)
  const without = addCounts(me, countsOf(before, draft), -1)
  draft.messages.set(seq, after)
  change(draft, {
    me: addCounts(without, countsOf(after, draft), 1),
    ...(seq === lastSeq ? { lastMessage: after } : {}),
  })
}

function messageAt({ messages, conversation }: Draft, seq: number): Message | undefined {
  const { lastMessage } = conversation
  return messages.get(seq) ?? (lastMessage?.seq === seq ? lastMessage : undefined)
}

interface Counts {
  unread: number
  mentions: number
}

function countsOf(message: Message, { me, conversation }: Draft): Counts {
  const unread = isUnread(message, me, readUpTo(conversation.me))
  return { unread: unread ? 1 : 0, mentions: unread && isNamed(message, me) ? 1 : 0 }
}

function addCounts(me: ConversationMe, { unread, mentions }: Counts, sign: 1 | -1): ConversationMe {
  if (unread === 0 && mentions === 0) return me
  return {
    ...me,
    unreadCount: Math.max(0, me.unreadCount + sign * unread),
    mentionCount: Math.max(0, me.mentionCount + sign * mentions),
  }
}
