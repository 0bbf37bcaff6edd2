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
import type { Outbound } from './outbound.ts'
import type { Resync } from './resync.ts'

export interface FanOutContext {
  ctx: WithIo
  outbound: Outbound
  versions: EmittedVersions
  /** What a node does that may have missed something. */
  resync: Resync
}

export type EventOf<T extends ConversationEventType> = Extract<StreamedEvent, { type: T }>
export type ConversationEventHandlers = {
  [T in ConversationEventType]: (delivery: FanOutContext, event: EventOf<T>, text: string) => void
}

/** What each fact means to connected clients. Every handler may run twice. */
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

/** Whether a fact matters even where nobody of the conversation is connected. */
export const changesMembership = (type: ConversationEventType) =>
  type === 'conversation.created' || type === 'participant.added' || type === 'participant.removed'

function toRoom({ outbound }: FanOutContext, event: ConversationEvent, text: string): void {
  outbound.add(event, text)
}

type MessageEvent = EventOf<'message.created'> | EventOf<'message.edited'>

/** What was said before somebody came is not theirs to read when it is edited or quoted either. */
function toReaders({ outbound }: FanOutContext, event: MessageEvent, text: string): void {
  const { withheldFrom = [], unquotedFor = [], ...told } = event
  if (withheldFrom.length === 0 && unquotedFor.length === 0) {
    outbound.add(event, text)
    return
  }
  const withheld = new Set(withheldFrom)
  outbound.addVariants(told, [
    { people: withheld, instead: emptyEvent(told) },
    { people: new Set(unquotedFor).difference(withheld), instead: withoutQuote(told) },
  ])
}

function withoutQuote(event: MessageEvent): ConversationEvent {
  const { message } = event.data
  if (!message.replyTo) return event
  return { ...event, data: { message: { ...message, replyTo: { ...message.replyTo, excerpt: '' } } } }
}

function joinThenEmit(delivery: FanOutContext, event: EventOf<'participant.added'>, text: string): void {
  const { userId } = event.data.participant
  // What was said before is not for the newcomer.
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

/** The data of a large group's event shows the first of its people only; who all are, the streams say aside. */
function joinAllThenEmit(
  delivery: FanOutContext,
  event: EventOf<'conversation.created'>,
  text: string,
): void {
  const { founders, ...told } = event
  const { participants, participantCount } = event.data.conversation
  const userIds = founders ?? participants.map(({ userId }) => userId)
  for (const userId of userIds) setMember(delivery, event, { userId, isMember: true })
  delivery.outbound.add(told, founders ? JSON.stringify(told) : text)
  // A messages node that does not say it yet leaves it to the membership lookup who else is in.
  if (userIds.length < participantCount) delivery.resync.all('Not everyone of a new group was named')
}

/** Whether a frame must end here for somebody's sake: a thousand who are added while away share one. */
const isHere = ({ ctx }: FanOutContext, userId: string) => ctx.io.sockets.adapter.rooms.has(userRoom(userId))

/** An event that comes so late may have been overtaken by a removal, in milliseconds. */
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
