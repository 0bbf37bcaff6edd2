import { z } from 'zod'
import { Conversation, ConversationMe, Marker } from './conversation.ts'
import { ConversationEvent } from './events.ts'
import { ConversationId, MessageId, SessionId, UserId } from './ids.ts'
import { Message, NewMessageIn } from './message.ts'
import type { Problem } from './problem.ts'
import { Timestamp } from './time.ts'
import { PublicUser } from './user.ts'

/** Largest packet a client may send, in bytes. */
export const maxPacketBytes = 100_000
/** How long a `typing` notice lasts when nothing renews it, in milliseconds. */
export const typingLastsMs = 6_000
/**
 * New connections a realtime node takes up each second, unless its settings say otherwise. With the
 * sync that follows, one costs all services together about 4 ms of CPU: two nodes, and everyone
 * else they share two cores with, stay at ease.
 */
export const connectionsPerSecond = 60
/** After a quiet time a realtime node takes up so many at once. */
export const connectionsAtOnce = 500
/** Longest that a client is told to stay away when it is not let in, in milliseconds. */
export const longestRetryAfterMs = 60_000
/** People whose presence one socket may watch. */
export const maxWatched = 500

const ReconnectWindow = z
  .int()
  .min(0)
  .describe(
    'Where this connection ends without a goodbye, so do those of many others: come back at a random moment within this time (ms)',
  )
export const Ready = z
  .object({
    userId: UserId,
    sessionId: SessionId,
    serverTime: Timestamp,
    tokenEndsInMs: z
      .int()
      .min(0)
      .optional()
      .describe('Until the access token ends: `authorise` with another before that'),
    comebackWithinMs: ReconnectWindow.optional(),
  })
  .meta({ id: 'Ready' })
export const Typing = z
  .object({ conversationId: ConversationId, userId: UserId, active: z.boolean() })
  .meta({ id: 'Typing' })
export const Presence = z
  .object({
    userId: UserId,
    status: z
      .enum(['online', 'away', 'offline', 'unknown'])
      .describe(
        '`unknown`: the server cannot tell at this moment, and says so of whom it told before; or the person hides when they were last seen, and then never anything else',
      ),
    lastSeenAt: Timestamp.nullable(),
  })
  .meta({ id: 'Presence' })
/** What each fact for one person's own devices carries, by type. */
export const accountData = {
  'conversation.me': z.object({ conversationId: ConversationId, me: ConversationMe }),
  /** Somebody asked me to join a group: `me.state` is `invited`. */
  'conversation.invited': z.object({ conversation: Conversation }),
  /** The question is answered or withdrawn, or the group is mine by now. */
  'conversation.invitation.ended': z.object({ conversationId: ConversationId }),
  'message.starred': z.object({ messageId: MessageId, conversationId: ConversationId }),
  'message.unstarred': z.object({ messageId: MessageId, conversationId: ConversationId }),
  'user.updated': z.object({ user: PublicUser }),
  'block.changed': z.object({ userId: UserId, isBlocked: z.boolean() }),
  'session.ended': z.object({ sessionId: SessionId }),
} as const
export type AccountType = keyof typeof accountData
export type AccountData = { [T in AccountType]: z.infer<(typeof accountData)[T]> }

/** What the streams carry for one person's own devices. */
export const AccountFact = z.object({
  userId: UserId,
  type: z.string(),
  data: z.record(z.string(), z.unknown()),
})
export type AccountFact = z.infer<typeof AccountFact>

export const Account = z
  .object({
    type: z.string().describe(`${Object.keys(accountData).join(', ')}; others may come`),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Account' })
/**
 * Why a client that seems well connected is told to sync now and then: its node hears nothing at
 * this moment. The next `resync` with another reason ends it.
 */
export const busUnavailableReason = 'deaf'
export const Resync = z
  .object({
    reason: z
      .string()
      .describe(
        `For people who read logs, but for \`${busUnavailableReason}\`: news come late until the next \`resync\` of another reason`,
      ),
  })
  .meta({ id: 'Resync' })
export const Crowd = z.object({ comebackWithinMs: ReconnectWindow }).meta({ id: 'Crowd' })
export const Goodbye = z.object({ retryAfterMs: z.int().min(0) }).meta({ id: 'Goodbye' })

/** What the server sends. */
export const serverEvents = {
  ready: Ready.describe('All rooms are joined: call /v1/sync now'),
  events: z.array(ConversationEvent).describe('Durable facts, in version order per conversation'),
  marker: Marker.describe('Someone read or received up to a seq; coalesced'),
  typing: Typing.describe('Ends by itself after 6 s'),
  presence: Presence.describe('Only of people this client watches'),
  account: Account.describe('To all devices of this person'),
  resync: Resync.describe('This node may have missed something: call /v1/sync'),
  crowd: Crowd.describe('Many more others are connected than this client was told, or many fewer'),
  goodbye: Goodbye.describe('Drain or overload: reconnect after that long'),
} as const
export type ServerEvent = keyof typeof serverEvents
export type ServerEventData = { [E in ServerEvent]: z.infer<(typeof serverEvents)[E]> }

const MarkerMove = z.object({ conversationId: ConversationId, seq: z.int().min(0) })
const Watch = z.object({ userIds: z.array(UserId).max(maxWatched) })
const Nothing = z.object({}).optional()

/** What a client sends; each is acknowledged with `Ack`. */
export const clientEvents = {
  send: {
    data: NewMessageIn,
    ack: z.object({ message: Message }),
    summary: 'The same as POST …/messages, for speed',
  },
  typing: {
    data: z.object({ conversationId: ConversationId, active: z.boolean() }),
    ack: z.object({}),
    summary: 'I am writing',
  },
  read: { data: MarkerMove, ack: z.object({}), summary: 'I have read up to here' },
  delivered: { data: MarkerMove, ack: z.object({}), summary: 'My device has everything up to here' },
  watch: { data: Watch, ack: z.object({}), summary: 'Tell me the presence of these people' },
  unwatch: { data: Watch, ack: z.object({}), summary: 'No longer' },
  away: { data: Nothing, ack: z.object({}), summary: 'The app went to the background' },
  authorise: {
    data: z.object({ token: z.string().min(1).max(8192) }),
    ack: z.object({ tokenEndsInMs: z.int().min(0) }),
    summary: 'A fresh access token of the same session: the socket outlives the one it began with',
  },
  back: { data: Nothing, ack: z.object({}), summary: 'The app is in front again' },
} as const
export type ClientEvent = keyof typeof clientEvents
export type ClientEventData = { [E in ClientEvent]: z.infer<(typeof clientEvents)[E]['data']> }
export type ClientEventAck = { [E in ClientEvent]: z.infer<(typeof clientEvents)[E]['ack']> }

/** How every client event is answered. */
export type Ack<T> = ({ ok: true } & T) | { ok: false; error: Problem }

/** The typed maps Socket.IO takes. */
export type ServerToClient = { [E in ServerEvent]: (data: ServerEventData[E]) => void }
export type ClientToServer = {
  [E in ClientEvent]: (data: ClientEventData[E], ack: (reply: Ack<ClientEventAck[E]>) => void) => void
}

/** What the server says of a refused handshake, in `error.data`. */
export const HandshakeError = z.object({
  code: z.enum(['unauthenticated', 'token_expired', 'rate_limited', 'unavailable']),
  /** With `rate_limited`: when another try may be let in, in milliseconds. */
  retryAfterMs: z.int().min(0).optional(),
})
export type HandshakeError = z.infer<typeof HandshakeError>

/** What crosses nodes by Redis pub/sub: fleeting, at most once. */
export const Fleeting = z.discriminatedUnion('t', [
  z.object({ t: z.literal('typing'), data: Typing }),
  z.object({
    t: z.literal('markers'),
    data: z.array(Marker.extend({ isOwnOnly: z.boolean().optional() })),
  }),
  z.object({
    t: z.literal('presence'),
    data: Presence.extend({ status: Presence.shape.status.exclude(['unknown']) }),
  }),
])
export type Fleeting = z.infer<typeof Fleeting>
export const fleetingChannel = 'finnigram:fleeting'
