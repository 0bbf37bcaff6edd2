import type { RealtimeSocket } from '../connection.ts'
import type { RealtimeContext } from '../context.ts'
import { closeBehind } from '../wire/close-behind.ts'
import { isBehind } from '../wire/backpressure.ts'

/** A token may end this long ago before its socket is closed: the client connects again with a fresh one in its own time. */
const tokenGraceMs = 30_000
/** Nobody who reads is behind for this long. */
const behindMs = 10_000
const everyMs = 2000

/** Closes sockets whose token has ended and sockets that do not read. One timer for all of them. */
export function startSweep(ctx: RealtimeContext): Disposable {
  const timer = setInterval(() => {
    const now = Date.now()
    for (const socket of ctx.io.sockets.sockets.values()) sweepOne(ctx, socket, now)
  }, everyMs)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

function sweepOne({ figures }: RealtimeContext, socket: RealtimeSocket, now: number): void {
  const { data, conn } = socket
  if (now > data.tokenEndsAt + tokenGraceMs) {
    figures.closed.inc({ reason: 'token ended' })
    conn.close()
  } else if (!isBehind(socket)) {
    data.behindSince = 0
  } else if (data.behindSince === 0) {
    data.behindSince = now
  } else if (now - data.behindSince >= behindMs) {
    closeBehind(socket)
  }
}
