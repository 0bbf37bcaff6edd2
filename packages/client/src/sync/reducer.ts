import type {
  Conversation,
  ConversationEvent,
  ConversationEventType,
  ConversationMe,
  Message,
  Participant,
} from '@finnigram/contracts'
import { changeMessage, type EventOf, isMentioned, isUnread, readUpTo } from './message-reducer.ts'

/**
 * The pure half of the sync: events → state of one conversation. No store, no clock, no promise.
 *
 * Promise: a state plus the events that follow its version equals what a fresh fetch answers
 * (`e2e/events` and `tests/protocol-invariants.test.ts` check that for every type of event). What
 * is not at hand is never invented: `unreadUnknown` asks for a fetch instead.
 *
 * Procedure: events are put in the order of their versions. One that is known is ignored, `version
 * + 1` is applied, and a gap ends the batch. `reducers` has a function for each type; a type that
 * this version does not know raises the version and changes nothing else.
 *
 * It never changes the state that it was given, and never applies anything after my own removal.
 *
 * Called by `ingest.ts`. What an event makes of a single message is in `message-reducer.ts`,
 * because pages of history need that, too. Markers have no version: they are in `move-marker.ts`.
 */

/**
 * A conversation at `conversation.version`, with those of its messages that are at hand, by seq.
 */
export interface ConversationState {
  conversation: Conversation
  messages: ReadonlyMap<number, Message>
}

export interface Applied {
  state: ConversationState
  /** The events that moved the state, in order. */
  events: ConversationEvent[]
  /** Events after a gap were left out: fetch what lies between. */
  gap: boolean
  /** I no longer take part. */
  removed: boolean
  /** The unread count cannot be known from what is at hand: fetch the conversation. */
  unreadUnknown: boolean
}

export function applyEvents(
  state: ConversationState,
  events: readonly ConversationEvent[],
  me: string,
): Applied {
  const draft: Draft = {
    me,
    ...state,
    messages: new Map(state.messages),
    removed: false,
    unreadUnknown: false,
  }
  const applied: ConversationEvent[] = []
  let gap = false
  for (const event of inVersionOrder(events)) {
    if (event.version <= draft.conversation.version) continue
    gap = event.version > draft.conversation.version + 1
    if (gap || draft.removed) break
    applyEvent(draft, event)
    applied.push(event)
  }
  const { conversation, messages, removed, unreadUnknown } = draft
  return { state: { conversation, messages }, events: applied, gap, removed, unreadUnknown }
}

function inVersionOrder(events: readonly ConversationEvent[]): readonly ConversationEvent[] {
  const ordered = events.every(
    (event, index) => index === 0 || event.version >= (events[index - 1]?.version ?? 0),
  )
  return ordered ? events : [...events].sort((a, b) => a.version - b.version)
}

/** The state that a batch of events works on. */
export interface Draft {
  readonly me: string
  conversation: Conversation
  messages: Map<number, Message>
  removed: boolean
  unreadUnknown: boolean
}

type Reducers = { [T in ConversationEventType]: (draft: Draft, event: EventOf<T>) => void }

const reducers: Reducers = {
  'message.created': createMessage,
  'message.edited': replaceMessage,
  'message.deleted': (draft, event) => changeMessageAt(draft, event.data.seq, event),
  'reaction.added': (draft, event) => changeMessageAt(draft, event.data.seq, event),
  'reaction.removed': (draft, event) => changeMessageAt(draft, event.data.seq, event),
  'message.pinned': () => undefined,
  'message.unpinned': () => undefined,
  'conversation.created': () => undefined,
  'conversation.updated': (draft, { data }) => patch(draft, data),
  'participant.added': addParticipant,
  'participant.removed': removeParticipant,
  'participant.role_changed': changeRole,
}

function applyEvent<T extends ConversationEventType>(draft: Draft, event: EventOf<T>): void {
  reducers[event.type]?.(draft, event)
  patch(draft, { version: event.version })
}

function patch(draft: Draft, changes: Partial<Conversation>): void {
  draft.conversation = { ...draft.conversation, ...changes }
}

function createMessage(draft: Draft, { data: { message } }: EventOf<'message.created'>): void {
  draft.messages.set(message.seq, message)
  const counts = countsOf(message, draft)
  patch(draft, {
    lastSeq: message.seq,
    lastMessage: message,
    me: addCounts(draft.conversation.me, counts, 1),
  })
}

/** A message that is not at hand is not stored: alone before missing ones it would make a hole. */
function replaceMessage(draft: Draft, { data: { message } }: EventOf<'message.edited'>): void {
  const before = messageAt(draft, message.seq)
  const { me, lastSeq } = draft.conversation
  if (!before) {
    if (message.seq > readUpTo(me)) draft.unreadUnknown = true
    return
  }
  const without = addCounts(me, countsOf(before, draft), -1)
  patch(draft, { me: addCounts(without, countsOf(message, draft), 1) })
  draft.messages.set(message.seq, message)
  if (message.seq === lastSeq) patch(draft, { lastMessage: message })
}

type MessageChange = EventOf<'message.deleted' | 'reaction.added' | 'reaction.removed'>

/** A message that is not at hand needs no change: the server's copy has it once it is fetched. */
function changeMessageAt(draft: Draft, seq: number, event: MessageChange): void {
  const before = messageAt(draft, seq)
  const { me, lastSeq } = draft.conversation
  if (!before) {
    if (event.type === 'message.deleted' && seq > readUpTo(me)) draft.unreadUnknown = true
    return
  }
  const after = changeMessage(before, event)
  const without = addCounts(me, countsOf(before, draft), -1)
  draft.messages.set(seq, after)
  patch(draft, {
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
  return { unread: unread ? 1 : 0, mentions: unread && isMentioned(message, me) ? 1 : 0 }
}

function addCounts(me: ConversationMe, { unread, mentions }: Counts, sign: 1 | -1): ConversationMe {
  if (unread === 0 && mentions === 0) return me
  return {
    ...me,
    unreadCount: Math.max(0, me.unreadCount + sign * unread),
    mentionCount: Math.max(0, me.mentionCount + sign * mentions),
  }
}

/** A conversation carries this many participants. */
const carriedParticipants = 100

/** Sorted by user id, as the server answers it; more than a hundred only if all were loaded. */
function addParticipant(draft: Draft, { data: { participant } }: EventOf<'participant.added'>): void {
  const { participants, participantCount } = draft.conversation
  const others = participants.filter(({ userId }) => userId !== participant.userId)
  const all = [...others, participant].sort((a, b) => (a.userId < b.userId ? -1 : 1))
  const isComplete = participants.length === participantCount
  draft.conversation = {
    ...draft.conversation,
    participantCount: participantCount + 1,
    participants:
      isComplete && participantCount > carriedParticipants ? all : all.slice(0, carriedParticipants),
  }
}

function removeParticipant(draft: Draft, { data: { userId } }: EventOf<'participant.removed'>): void {
  const { conversation } = draft
  draft.removed = userId === draft.me
  draft.conversation = {
    ...conversation,
    participantCount: Math.max(0, conversation.participantCount - 1),
    participants: conversation.participants.filter((one) => one.userId !== userId),
  }
}

function changeRole(draft: Draft, { data }: EventOf<'participant.role_changed'>): void {
  const { conversation } = draft
  draft.conversation = {
    ...conversation,
    participants: changeParticipant(conversation.participants, data.userId, { role: data.role }),
    me: data.userId === draft.me ? { ...conversation.me, role: data.role } : conversation.me,
  }
}

/** The list with `changes` made to one person; the same list when that person is not in it. */
export function changeParticipant(
  participants: Participant[],
  userId: string,
  changes: Partial<Participant>,
): Participant[] {
  if (!participants.some((one) => one.userId === userId)) return participants
  return participants.map((one) => (one.userId === userId ? { ...one, ...changes } : one))
}
