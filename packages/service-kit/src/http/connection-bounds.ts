import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createTurns } from '../limits/keyed-semaphore.ts'
import { whenOver } from './request-signal.ts'

/** How long the rest of a body may still come once the request is answered, in milliseconds. */
const leftoverMs = 10_000

/** Cuts the connection of an answered request whose body goes on and on: the server itself sets bodies no time, because files take as long as they take. */
export function boundLeftover(request: IncomingMessage, ms = leftoverMs): void {
  if (request.complete) return
  const timer = setTimeout(() => request.socket.destroy(), ms)
  timer.unref()
  request.once('close', () => clearTimeout(timer))
}

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

/**
 * Bytes of a body, or of an answer, from which a connection is not read or filled any further. Node reads up to 64 kB at
 * a time: with its own mark of 64 kB each body that waits would hold two such pieces instead of one.
 */
export const highWaterMark = 16 * 1024

/** Says to the gateway that the token of a request is good. The gateway takes it off the answer. */
export const tokenVerifiedHeader = 'x-token-verified'
