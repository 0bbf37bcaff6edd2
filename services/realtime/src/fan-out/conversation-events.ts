import {
  type ConversationEvent,
  type ConversationEventType,
  emptyEvent,
  type StreamedEvent,
} from '@finnigram/contracts'
import { changeMembership } from '../connect/memberships.ts'
import type { WithIo } from '../deps.ts'
import { socketsIn, userRoom } from '../wire/rooms.ts'
import type { EmittedVersions } from './emitted-versions.ts'
import type { Resync } from './resync.ts'
import type { SendBuffer } from './send-buffer.ts'

export interface FanOutContext {
  ctx: WithIo
  outbound: SendBuffer
  versions: EmittedVersions
  resync: Resync
}

export type EventOf<T extends ConversationEventType> = Extract<StreamedEvent, { type: T }>
export type ConversationEventHandlers = {
  [T in ConversationEventType]: (delivery: FanOutContext, event: EventOf<T>, text: string) => void
}

/** The handler of each conversation event. Every handler may run twice. */
export const conversationEventHandlers: ConversationEventHandlers = {
  'message.created': toReaders,
  'message.edited': toReaders,
  'message.deleted': toRoom,
  'reaction.added': toRoom,
  'reaction.removed': toRoom,
  'message.pinned': toRoom,
  'message.unpinned': toRoom,
  'conversation.created': joinAllThenEmit,
  'conversation.updated': toRoom,
  'participant.added': joinThenEmit,
  'participant.removed': emitThenLeave,
  'participant.role_changed': toRoom,
}

/** Whether an event matters even where no socket is in the conversation's room. */
export const changesMembership = (type: ConversationEventType) =>
  type === 'conversation.created' || type === 'participant.added' || type === 'participant.removed'

function toRoom({ outbound }: FanOutContext, event: ConversationEvent, text: string): void {
  outbound.add(event, text)
}

type MessageEvent = EventOf<'message.created'> | EventOf<'message.edited'>

/** A late member may not read earlier messages, not even when they are edited or quoted. */
function toReaders({ outbound }: FanOutContext, event: MessageEvent, text: string): void {
  const { withheldFrom = [], unquotedFor = [], ...shared } = event
  if (withheldFrom.length === 0 && unquotedFor.length === 0) {
    outbound.add(event, text)
    return
  }
  const withheld = new Set(withheldFrom)
  outbound.addVariants(shared, [
    { people: withheld, instead: emptyEvent(shared) },
    { people: new Set(unquotedFor).difference(withheld), instead: withoutQuote(shared) },
  ])
}

function withoutQuote(event: MessageEvent): ConversationEvent {
  const { message } = event.data
  if (!message.replyTo) return event
  return { ...event, data: { message: { ...message, replyTo: { ...message.replyTo, excerpt: '' } } } }
}

function joinThenEmit(delivery: FanOutContext, event: EventOf<'participant.added'>, text: string): void {
  const { userId } = event.data.participant
  // Earlier events are not for the new member.
  if (isHere(delivery, userId)) delivery.outbound.flush(event.conversationId)
  setMember(delivery, event, { userId, isMember: true })
  delivery.outbound.add(event, text)
}

function emitThenLeave(delivery: FanOutContext, event: EventOf<'participant.removed'>, text: string): void {
  const { userId } = event.data
  delivery.outbound.add(event, text)
  if (isHere(delivery, userId)) delivery.outbound.flush(event.conversationId)
  setMember(delivery, event, { userId, isMember: false })
}

/**
 * The event of a large group shows its first participants only. `founders` beside it names all of
 * them.
 */
function joinAllThenEmit(
  delivery: FanOutContext,
  event: EventOf<'conversation.created'>,
  text: string,
): void {
  const { founders, ...shared } = event
  const { participants, participantCount } = event.data.conversation
  const userIds = founders ?? participants.map(({ userId }) => userId)
  for (const userId of userIds) setMember(delivery, event, { userId, isMember: true })
  delivery.outbound.add(shared, founders ? JSON.stringify(shared) : text)
  // A messages node of an earlier version names no founders: memberships are loaded again.
  if (userIds.length < participantCount) delivery.resync.all('Not everyone of a new group was named')
}

/**
 * Whether a person has a socket here. Only then must pending events be flushed before the room
 * changes.
 */
const isHere = ({ ctx }: FanOutContext, userId: string) => ctx.io.sockets.adapter.rooms.has(userRoom(userId))

/** An older event may have been overtaken by a removal, in milliseconds. */
const trustedForMs = 30_000

function setMember(
  { ctx, resync }: FanOutContext,
  { conversationId, version, at }: ConversationEvent,
  { userId, isMember }: { userId: string; isMember: boolean },
): void {
  if (isMember && Date.now() - Date.parse(at) > trustedForMs) {
    resync.person(userId, 'It was told late that somebody came')
    return
  }
  for (const socket of socketsIn(ctx.io, userRoom(userId))) {
    changeMembership(socket, { conversationId, version, isMember })
  }
}
