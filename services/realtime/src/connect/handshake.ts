import type { HandshakeError } from '@finnigram/contracts'
import { type Actor, AppError, type RateLimit } from '@finnigram/service-kit'
import { newConnection, type RealtimeSocket } from '../connection.ts'
import type { RealtimeContext } from '../context.ts'
import { userRoom } from '../rooms.ts'

const attemptLimit: RateLimit = { name: 'connect', points: 60, perSeconds: 60, inProcess: true }
/** Sockets one person may hold on one node: tabs and devices, not a flood. */
const socketsPerPerson = 100

type HandshakeCode = HandshakeError['code']
type Next = (error?: Error & { data?: HandshakeError }) => void

/** Lets in whoever shows a valid access token; everyone else gets `connect_error` with `data.code`, and the connection ends. */
export function createHandshake(ctx: RealtimeContext) {
  const attempted = new WeakSet<object>()

  return async (socket: RealtimeSocket, next: Next) => {
    const { conn, handshake } = socket
    const token: unknown = handshake.auth['token']
    // The socket keeps its handshake for as long as it lives; nobody asks for the token again.
    Reflect.set(socket, 'handshake', undefined)
    if (attempted.has(conn)) return conn.close()
    attempted.add(conn)
    try {
      const actor = await identify(ctx, token)
      socket.data = newConnection(actor)
      ctx.strangers.judge(conn, 'accepted')
      next()
    } catch (error) {
      const code = toHandshakeCode(ctx, error)
      ctx.figures.refused.inc({ code })
      // Only who shows nothing good is a stranger; the others are known, or it is our fault.
      ctx.strangers.judge(conn, code === 'unauthenticated' ? 'refused' : 'accepted')
      next(Object.assign(new Error(code), { data: { code } }))
      setImmediate(() => conn.close())
    }
  }
}

async function identify(ctx: RealtimeContext, token: unknown): Promise<Actor> {
  if (typeof token !== 'string' || token === '') throw new AppError('unauthenticated')
  const actor = await ctx.tokens.verify(token)
  await ctx.limits.consume(attemptLimit, actor.userId)
  const present = ctx.io.sockets.adapter.rooms.get(userRoom(actor.userId))?.size ?? 0
  if (present >= socketsPerPerson * ctx.config.RATE_LIMIT_SCALE) throw new AppError('rate_limited')
  return actor
}

function toHandshakeCode({ log }: RealtimeContext, error: unknown): HandshakeCode {
  const code = error instanceof AppError ? error.code : 'internal'
  if (code === 'unauthenticated' || code === 'token_expired' || code === 'rate_limited') return code
  if (code !== 'unavailable') log.error('A handshake failed', { error })
  return 'unavailable'
}
