import {
  type ClientEvent,
  type ClientEventAck,
  type ClientEventData,
  type Fleeting,
  fleetingChannel,
  type Problem,
  typingLastsMs,
} from '@finnigram/contracts'
import { AppError, publishFleeting, type RateLimit } from '@finnigram/service-kit'
import type { RealtimeSocket } from '../connection.ts'
import type { WithConfig, WithLimits, WithRedis, WithTokens } from '../deps.ts'
import type { WithPresence } from '../presence/presence.ts'
import type { WithAcknowledgements } from '../push/acknowledgements.ts'
import { conversationRoom } from '../wire/rooms.ts'
import { consumeAllowance } from './event-rate-limit.ts'
import type { WithMarkerBatcher } from './marker-batcher.ts'
import type { WithSendBatcher } from './send-batcher.ts'

/** The socket that sent an event, and the id of this request in logs. */
export interface ClientRequest {
  socket: RealtimeSocket
  requestId: string
}

interface WithPushAcknowledgements {
  readonly push: WithAcknowledgements
}

export type ClientEventDeps = WithPushAcknowledgements &
  WithConfig &
  WithLimits &
  WithMarkerBatcher &
  WithPresence &
  WithRedis &
  WithSendBatcher &
  WithTokens

export type ClientEventHandlers = {
  [E in ClientEvent]: (
    ctx: ClientEventDeps,
    request: ClientRequest,
    data: ClientEventData[E],
  ) => ClientEventAck[E] | Promise<ClientEventAck[E]>
}

/**
 * The handler of each client event. What it returns is acknowledged, what it throws is a refusal.
 */
export const clientEventHandlers: ClientEventHandlers = {
  authorise,
  send: sendMessage,
  typing: startTyping,
  read: (ctx, request, data) => moveMarker(ctx, request, { ...data, kind: 'read' }),
  delivered: (ctx, request, data) => moveMarker(ctx, request, { ...data, kind: 'delivered' }),
  watch: watchPeople,
  unwatch: ({ presence }, { socket }, { userIds }) => {
    presence.unwatch(socket, userIds)
    return {}
  },
  away: ({ presence }, { socket }) => {
    presence.setAway(socket, true)
    return {}
  },
  back: ({ presence }, { socket }) => {
    presence.setAway(socket, false)
    return {}
  },
}

export const isClientEvent = (event: unknown): event is ClientEvent =>
  typeof event === 'string' && Object.hasOwn(clientEventHandlers, event)

/** Rate-limit cost of verifying a token. */
const authoriseCost = 10

/**
 * Extends a socket's life by a fresh token of the same person and session. Throws `forbidden` for
 * any other.
 */
async function authorise(
  { tokens, config }: WithTokens & WithConfig,
  { socket: { data } }: ClientRequest,
  { token }: ClientEventData['authorise'],
): Promise<ClientEventAck['authorise']> {
  const spending = { cost: authoriseCost, scale: config.RATE_LIMIT_SCALE, now: performance.now() }
  if (consumeAllowance(data, spending) !== 'allowed') throw new AppError('rate_limited')
  const { userId, sessionId, expiresAt } = await tokens.verify(token)
  if (userId !== data.userId || sessionId !== data.sessionId) throw new AppError('forbidden')
  data.tokenEndsAt = Math.max(data.tokenEndsAt, expiresAt)
  return { tokenEndsInMs: Math.max(0, data.tokenEndsAt - Date.now()) }
}

/**
 * Sending the same `id` again is safe: the reply is the message first stored under it. Answered
 * after its commit.
 */
async function sendMessage(
  { enqueueSend }: WithSendBatcher,
  { socket, requestId }: ClientRequest,
  data: ClientEventData['send'],
): Promise<ClientEventAck['send']> {
  const { message, error } = await enqueueSend({ ...data, senderId: socket.data.userId, requestId })
  if (error) rethrowProblem(error)
  if (message) return { message }
  throw new AppError('internal', { cause: new Error('The messages service gave neither message nor error') })
}

interface Move {
  conversationId: string
  seq: number
  kind: 'read' | 'delivered'
}

/** Markers only move forward, so of several moves in a batch only the furthest is sent. */
async function moveMarker(
  ctx: WithMarkerBatcher & WithPushAcknowledgements,
  { socket }: ClientRequest,
  move: Move,
): Promise<Record<string, never>> {
  const { userId, sessionId } = socket.data
  const { error } = await ctx.enqueueMarker({ ...move, userId })
  if (error) rethrowProblem(error)
  ctx.push.acknowledgements.note({ conversationId: move.conversationId, sessionId, seq: move.seq })
  return {}
}

/** A repeated typing notice within this time is dropped. */
const renewAfterMs = typingLastsMs / 3

/** Publishes that a person is typing, or has stopped. On other devices it expires by itself. */
function startTyping(
  { redis }: WithRedis,
  { socket }: ClientRequest,
  { conversationId, active }: ClientEventData['typing'],
): Record<string, never> {
  const { data } = socket
  if (!socket.rooms.has(conversationRoom(conversationId))) {
    throw new AppError(data.joining ? 'unavailable' : 'not_found')
  }
  const now = performance.now()
  const isKnown = data.typingIn === conversationId && now - data.typingAt < renewAfterMs
  const changes = active ? !isKnown : data.typingIn === conversationId
  if (!changes) return {}
  data.typingIn = active ? conversationId : ''
  data.typingAt = now
  const notice: Fleeting = { t: 'typing', data: { conversationId, userId: data.userId, active } }
  publishFleeting(redis, fleetingChannel, JSON.stringify(notice))
  return {}
}

/** Each watched person is a read from Redis; this many cost one event of the rate limit. */
const peoplePerEvent = 25

/** Of all sockets of a person together: a hundred sockets would overload Redis. */
const personLimit: RateLimit = { name: 'watch', points: 100, perSeconds: 10, inProcess: true }

/**
 * Subscribes the socket to the presence of these people. Throws `rate_limited`, or
 * `validation_failed` when it watches too many.
 */
async function watchPeople(
  { presence, config, limits }: WithPresence & WithConfig & WithLimits,
  { socket }: ClientRequest,
  { userIds }: ClientEventData['watch'],
): Promise<Record<string, never>> {
  const cost = Math.floor(userIds.length / peoplePerEvent)
  const spending = { cost, scale: config.RATE_LIMIT_SCALE, now: performance.now() }
  if (consumeAllowance(socket.data, spending) !== 'allowed') throw new AppError('rate_limited')
  await limits.consume(personLimit, socket.data.userId)
  await presence.watch(socket, userIds)
  return {}
}

/** Passes on the refusal of the messages service. */
function rethrowProblem({ code, detail, errors }: Problem): never {
  throw new AppError(code, { detail, errors })
}
