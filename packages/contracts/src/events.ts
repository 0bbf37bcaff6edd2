import { z } from 'zod'
import { Description, Participant, Role, SharedConversation, Title } from './conversation.ts'
import { ConversationId, MessageId, SessionId, UserId } from './ids.ts'
import { Message, Seq, Version } from './message.ts'
import { Timestamp } from './time.ts'
import { PublicUser, VersionedUser } from './user.ts'

const MessageRef = z.object({ messageId: MessageId, seq: Seq })
const ReactionRef = MessageRef.extend({ emoji: z.string(), userId: UserId })

/**
 * What each durable fact of a conversation carries, by event type. Who catches up later never reads
 * what a message said before: its `message.created` brings it as it is now, and an edit that
 * another has overtaken is a `conversation.updated` without a change.
 */
export const conversationEventData = {
  'message.created': z.object({ message: Message }),
  'message.edited': z.object({ message: Message }),
  'message.deleted': z.object({ id: MessageId, seq: Seq }),
  'reaction.added': ReactionRef,
  'reaction.removed': ReactionRef,
  'message.pinned': MessageRef,
  'message.unpinned': MessageRef,
  'conversation.created': z.object({ conversation: SharedConversation }),
  'conversation.updated': z.object({
    title: Title.optional(),
    description: Description.nullable().optional(),
    avatarUrl: z.string().nullable().optional(),
    sharesHistory: z.boolean().optional(),
  }),
  'participant.added': z.object({ participant: Participant }),
  'participant.removed': z.object({
    userId: UserId,
    user: PublicUser.optional().describe('Where they went because their account ended: what is left of it'),
  }),
  'participant.role_changed': z.object({ userId: UserId, role: Role }),
} as const

export type ConversationEventType = keyof typeof conversationEventData
export type ConversationEventData = {
  [T in ConversationEventType]: z.infer<(typeof conversationEventData)[T]>
}

const event = <T extends ConversationEventType>(type: T) =>
  z.object({
    conversationId: ConversationId,
    version: Version,
    type: z.literal(type),
    at: Timestamp,
    actorId: UserId,
    data: conversationEventData[type],
  })

/** A durable fact: `version` is dense per conversation over all of them. */
export const ConversationEvent = z
  .discriminatedUnion('type', [
    event('message.created'),
    event('message.edited'),
    event('message.deleted'),
    event('reaction.added'),
    event('reaction.removed'),
    event('message.pinned'),
    event('message.unpinned'),
    event('conversation.created'),
    event('conversation.updated'),
    event('participant.added'),
    event('participant.removed'),
    event('participant.role_changed'),
  ])
  .meta({ id: 'ConversationEvent' })
export type ConversationEvent = {
  [T in ConversationEventType]: {
    conversationId: string
    version: number
    type: T
    at: string
    actorId: string
    data: ConversationEventData[T]
  }
}[ConversationEventType]

/**
 * Delivery metadata of an event: only in the Redis stream, for services. It is neither stored with
 * the event nor sent to clients.
 */
const DeliveryMetadata = z.object({
  /** People of the conversation who may not read it: they are told an `emptyEvent` in its place. */
  withheldFrom: z.array(UserId).exactOptional(),
  /**
   * People of the conversation who joined after what its message quotes: they are told it without
   * the quote's text.
   */
  unquotedFor: z.array(UserId).exactOptional(),
  /** All people of a new conversation that has more than its data shows. */
  founders: z.array(UserId).exactOptional(),
})
export type DeliveryMetadata = z.infer<typeof DeliveryMetadata>

/** A fact as the streams carry it to the realtime nodes. */
export const StreamedEvent = z.intersection(ConversationEvent, DeliveryMetadata)
export type StreamedEvent = ConversationEvent & DeliveryMetadata

/**
 * What is told in place of an event that its reader may not read: it has its version, and changes
 * nothing.
 */
export const emptyEvent = ({
  conversationId,
  version,
  at,
  actorId,
}: Omit<ConversationEvent, 'type' | 'data'>): ConversationEvent => ({
  conversationId,
  version,
  type: 'conversation.updated',
  at,
  actorId,
  data: {},
})

/**
 * What the users service tells the other services. `version` grows with every change of a person.
 */
export const userEventData = {
  'user.created': VersionedUser,
  'user.updated': VersionedUser,
  'user.deleted': z.object({
    id: UserId,
    version: z.int(),
    /** What is left to show; a users node of an earlier version does not say it. */
    user: PublicUser.optional(),
  }),
  'session.ended': z.object({ userId: UserId, sessionId: SessionId }),
  /**
   * `userId` blocked `blockedId`, or took it back. `version` grows with every such change of the
   * pair.
   */
  'block.changed': z.object({ userId: UserId, blockedId: UserId, isBlocked: z.boolean(), version: z.int() }),
} as const
export type UserEventType = keyof typeof userEventData
export type UserEventData = { [T in UserEventType]: z.infer<(typeof userEventData)[T]> }

/** What the messages service tells on `readsStream`, with the person's id as key. */
export const readEventData = {
  'conversation.read': z.object({ userId: UserId, conversationId: ConversationId, readSeq: z.int().min(1) }),
} as const

/** What realtime nodes tell the users service. */
export const realtimeEventData = {
  /** A person's last device went, at that moment. */
  'user.seen': z.object({ userId: UserId, at: Timestamp }),
} as const
export type RealtimeEventType = keyof typeof realtimeEventData
export type RealtimeEventData = { [T in RealtimeEventType]: z.infer<(typeof realtimeEventData)[T]> }
