import { pause } from '@finnigram/service-kit'
import type { WithIo, WithLog } from '../deps.ts'

/** Clients come back at this rate, spread over all of them, but none before the first moment. */
const returnsPerSecond = 500
const soonestMs = 500
const longestSpreadMs = 30_000
/** How long connections may take to close in order. */
const patienceMs = 2000

/** Says goodbye to every socket, each with a moment of its own to come back, and closes them. */
export async function drain({ io, log }: WithIo & WithLog): Promise<void> {
  const sockets = [...io.sockets.sockets.values()]
  if (sockets.length > 0) log.info('Saying goodbye', { sockets: sockets.length })
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
