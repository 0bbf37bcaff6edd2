import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createTurns } from '../limits/keyed-semaphore.ts'
import { whenOver } from './request-signal.ts'

/** Requests a connection may have sent ahead; one with more is closed. Browsers and proxies send none. */
const mostWaiting = 100

/**
 * Works on one request of a connection at a time, in order, as it is answered: thousands that are sent ahead
 * (pipelining) are not thousands of pieces of work at once.
 */
export function boundPipeline(serve: RequestListener, onClosed: () => void): RequestListener {
  const turns = createTurns<IncomingMessage['socket']>({ atOnce: 1, mostWaiting })
  const known = new WeakSet<IncomingMessage['socket']>()
  return (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request
    if (!known.has(socket)) {
      known.add(socket)
      socket.once('close', () => turns.drop(socket))
    }
    if (socket.destroyed) return
    const hasTurn = turns.enter(socket, (done) => {
      // Its next request must not begin while it closes.
      if (socket.destroyed) return
      whenOver(response, done)
      serve(request, response)
    })
    if (hasTurn) return
    onClosed()
    socket.destroy()
  }
}
