import { streamNames, usersApi } from '@finnigram/contracts'
import { createSessionGuard, type EndedSession, type SessionGuard } from '@finnigram/service-kit'
import type { RealtimeSocket } from '../connection.ts'
import type { WithIo, WithLog, WithRealtimeMetrics, WithRedis, WithUsers } from '../deps.ts'
import { closeSlowSocket, isSlow } from '../wire/backpressure.ts'
import { socketsIn, userRoom } from '../wire/rooms.ts'

type CloseDeps = WithIo & WithRealtimeMetrics

/**
 * Closes the sockets of ended sessions. Where only the session id is known, all sockets are
 * scanned, once for all of them.
 */
function closeEnded(ctx: CloseDeps, ended: readonly EndedSession[]): void {
  const withoutUser = new Set(
    ended.flatMap(({ userId, sessionId }) => (userId === undefined ? sessionId : [])),
  )
  if (withoutUser.size > 0) {
    const sockets = [...ctx.io.sockets.sockets.values()]
    closeSockets(
      ctx,
      sockets.filter(({ data }) => withoutUser.has(data.sessionId)),
    )
  }
  for (const { userId, sessionId } of ended) {
    if (userId === undefined) continue
    const sockets = socketsIn(ctx.io, userRoom(userId))
    closeSockets(
      ctx,
      sockets.filter(({ data }) => data.sessionId === sessionId),
    )
  }
}

/** Sends `session.ended` to sockets and closes them. */
export function closeSockets({ realtimeMetrics }: CloseDeps, sockets: readonly RealtimeSocket[]): void {
  for (const socket of sockets) {
    socket.emit('account', { type: 'session.ended', data: { sessionId: socket.data.sessionId } })
    socket.disconnect(true)
    realtimeMetrics.closed.inc({ reason: 'session ended' })
  }
}

const patienceMs = 2000

/**
 * Follows ended sessions, by events of the users service and by polling it, and closes their
 * sockets.
 */
export function openGuard(
  { redis, log, users }: WithRedis & WithLog & WithUsers,
  { io, realtimeMetrics }: CloseDeps,
): SessionGuard {
  return createSessionGuard({
    redis,
    log,
    streams: streamNames('users'),
    listEnded: async () =>
      (await users.call(usersApi.listEndedSessions, { timeoutMs: patienceMs })).sessionIds,
    onEnded: (ended) => closeEnded({ io, realtimeMetrics }, ended),
  })
}

/**
 * Grace after a token's end, in milliseconds: the client reconnects with a fresh one in its own
 * time.
 */
const tokenGraceMs = 30_000
/** A client that reads is never slow for so long, in milliseconds. */
const slowGraceMs = 10_000
const everyMs = 2000

/** Closes sockets whose token has ended and sockets that do not read, with one timer for all. */
export function startSweep(ctx: CloseDeps): Disposable {
  const timer = setInterval(() => {
    const now = Date.now()
    for (const socket of ctx.io.sockets.sockets.values()) sweepOne(ctx, socket, now)
  }, everyMs)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

function sweepOne({ realtimeMetrics }: WithRealtimeMetrics, socket: RealtimeSocket, now: number): void {
  const { data, conn } = socket
  if (now > data.tokenEndsAt + tokenGraceMs) {
    realtimeMetrics.closed.inc({ reason: 'token ended' })
    conn.close()
  } else if (!isSlow(socket)) {
    data.slowSince = 0
  } else if (data.slowSince === 0) {
    data.slowSince = now
  } else if (now - data.slowSince >= slowGraceMs) {
    closeSlowSocket(socket)
  }
}
