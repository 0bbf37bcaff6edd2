import { pause } from '@finnigram/service-kit'
import type { WithIo, WithLog } from '../deps.ts'

/** Rate of reconnects that the notices ask for, and the earliest of them in milliseconds. */
const returnsPerSecond = 500
const soonestMs = 500
const longestSpreadMs = 30_000
/** How long connections may take to close by themselves, in milliseconds. */
const patienceMs = 2000

/**
 * Graceful drain: what a node that stops does with its sockets.
 *
 * Promises: every client gets a drain notice (`goodbye` on the wire) with a Retry-After of its own.
 * Together they come back to the other nodes at 500 a second, over 30 s at most, instead of all at
 * once.
 *
 * Procedure: the caller has made health fail first, so that no new socket is admitted. Each socket
 * gets a slot of the spread and a random moment in it, then the closing handshake. What is still
 * open after 2 s is terminated.
 *
 * Never: waits for an answer of a client, or drops an acknowledged send: what was acknowledged is
 * committed already.
 *
 * Called once, when the service is disposed of, before its connections to Redis close.
 */
export async function drain({ io, log }: WithIo & WithLog): Promise<void> {
  const sockets = [...io.sockets.sockets.values()]
  if (sockets.length > 0) log.info('Sending drain notices', { sockets: sockets.length })
  const spreadMs = Math.min(longestSpreadMs, Math.max(1000, (sockets.length / returnsPerSecond) * 1000))
  for (const [i, socket] of sockets.entries()) {
    const slot = (i + Math.random()) / sockets.length
    socket.emit('goodbye', { retryAfterMs: Math.round(soonestMs + slot * spreadMs) })
    socket.conn.close()
  }
  const deadline = performance.now() + patienceMs
  while (io.engine.clientsCount > 0 && performance.now() < deadline) await pause(20)
  for (const { data } of sockets) data.webSocket?.terminate()
  io.engine.close()
}
