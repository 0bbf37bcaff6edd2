import type { HandshakeError } from '@finnigram/contracts'
import { type Actor, AppError, type RateLimit } from '@finnigram/service-kit'
import { newConnection, type RealtimeSocket } from '../connection.ts'
import type {
  WithConfig,
  WithGuard,
  WithIo,
  WithLimits,
  WithLog,
  WithRealtimeMetrics,
  WithTokens,
} from '../deps.ts'
import type { WithPresence } from '../presence/presence.ts'
import { userRoom } from '../wire/rooms.ts'
import { webSocketOf } from '../wire/socket-internals.ts'
import type { Outcome, WithAddressAdmission } from './address-admission.ts'
import type { WithAdmission } from './admission.ts'
import { type JoinDeps, joinRooms } from './memberships.ts'
import type { WithReconnectWindow } from './reconnect-window.ts'

const attemptLimit: RateLimit = { name: 'connect', points: 60, perSeconds: 60, inProcess: true }
/** Sockets one person may hold on one node: tabs and devices, not a flood. */
const socketsPerPerson = 100

/** Retry-After of a person who holds that many, in milliseconds: one of them has to end first. */
const fullForMs = 30_000

type Next = (error?: Error & { data?: HandshakeError }) => void

type HandshakeDeps = WithAddressAdmission &
  WithConfig &
  WithIo &
  WithLimits &
  WithLog &
  WithRealtimeMetrics &
  WithTokens

/**
 * The life of a connection: handshake, then joining, then `ready`.
 *
 * Promises: a socket reaches handlers only with a valid access token of a session that has not
 * ended. Every other one gets `connect_error` with `data.code` and is closed. `ready` is sent once
 * the socket is in all rooms of its person, and no membership change of the meantime is missed.
 * From `ready` on it gets every event of its conversations.
 *
 * Procedure: admission (`socket-server.ts`) comes before, and knows no token. The handshake
 * verifies the token, the rate limit and the number of sockets of the person. Then `createAccept`
 * puts the socket into the room of its person, loads memberships (`memberships.ts`) and joins their
 * rooms. The token must be renewed by `authorise` before it ends; `close-sockets.ts` closes sockets
 * whose token or session has ended.
 *
 * Never: keeps the token or the request of a socket, tries a connection twice, or closes a socket
 * because the messages service is away: it waits, not ready.
 *
 * Called by Socket.IO for each connection.
 */
export function createHandshake(ctx: HandshakeDeps) {
  const attempted = new WeakSet<object>()

  return async (socket: RealtimeSocket, next: Next) => {
    const { conn, handshake } = socket
    const token: unknown = handshake.auth['token']
    // Socket.IO would keep the handshake, token included, for the life of the socket.
    Reflect.set(socket, 'handshake', undefined)
    if (attempted.has(conn)) return conn.close()
    attempted.add(conn)
    try {
      const actor = await identify(ctx, token)
      socket.data = newConnection(actor)
      ctx.addressAdmission.settle(conn, 'accepted')
      next()
    } catch (error) {
      const refusal = toRefusal(ctx, error)
      const { code } = refusal
      ctx.realtimeMetrics.refused.inc({ code })
      ctx.addressAdmission.settle(conn, outcomes[code])
      next(Object.assign(new Error(code), { data: refusal }))
      setImmediate(() => conn.close())
    }
  }
}

async function identify(ctx: HandshakeDeps, token: unknown): Promise<Actor> {
  if (typeof token !== 'string' || token === '') throw new AppError('unauthenticated')
  const actor = await ctx.tokens.verify(token)
  await ctx.limits.consume(attemptLimit, actor.userId)
  const present = ctx.io.sockets.adapter.rooms.get(userRoom(actor.userId))?.size ?? 0
  if (present >= socketsPerPerson * ctx.config.RATE_LIMIT_SCALE)
    throw new AppError('rate_limited', { retryAfter: fullForMs / 1000 })
  return actor
}

/**
 * Refused and limited handshakes cost their address a token. The others are known clients, or our
 * fault.
 */
const outcomes = {
  unauthenticated: 'refused',
  rate_limited: 'limited',
  token_expired: 'accepted',
  unavailable: 'accepted',
} as const satisfies Record<HandshakeError['code'], Outcome>

function toRefusal({ log }: WithLog, error: unknown): HandshakeError {
  if (!(error instanceof AppError)) log.error('A handshake failed', { error })
  else if (error.code === 'unauthenticated' || error.code === 'token_expired') return { code: error.code }
  else if (error.code === 'rate_limited')
    return { code: error.code, retryAfterMs: (error.retryAfter ?? 1) * 1000 }
  else if (error.code !== 'unavailable') log.error('A handshake failed', { error })
  return { code: 'unavailable' }
}

type Dispatch = (this: RealtimeSocket, event: string, ...args: unknown[]) => void

type AcceptDeps = JoinDeps &
  WithAdmission &
  WithGuard &
  WithLog &
  WithPresence &
  WithRealtimeMetrics &
  WithReconnectWindow

/**
 * Joins the rooms of an authenticated socket, that of its person first: from then on no membership
 * change is missed.
 */
export function createAccept(ctx: AcceptDeps, dispatch: Dispatch) {
  /** Shared by all sockets: one function instead of one for each. */
  function onDisconnect(this: RealtimeSocket) {
    ctx.presence.leave(this)
    if (this.data.wasTooSlow) ctx.realtimeMetrics.closed.inc({ reason: 'behind' })
  }

  const accept = async (socket: RealtimeSocket) => {
    const { data } = socket
    data.webSocket = webSocketOf(socket)
    socket.join(userRoom(data.userId))
    // The session may have ended after its token was verified.
    if (ctx.guard.has(data.sessionId)) return socket.disconnect(true)
    socket.onAny(dispatch)
    socket.on('disconnect', onDisconnect)
    ctx.presence.enter(socket)
    const hasJoined = await joinRooms(ctx, socket).finally(ctx.admission.joining())
    if (!hasJoined) return
    ctx.realtimeMetrics.ready.inc()
    const { userId, sessionId } = data
    const tokenEndsInMs = Math.max(0, data.tokenEndsAt - Date.now())
    const comebackWithinMs = ctx.reconnectWindow.currentMs()
    const serverTime = new Date().toISOString()
    socket.emit('ready', { userId, sessionId, serverTime, tokenEndsInMs, comebackWithinMs })
  }
  return (socket: RealtimeSocket) => {
    accept(socket).catch((error) => {
      ctx.log.error('A socket could not be accepted', { error })
      socket.conn.close()
    })
  }
}
