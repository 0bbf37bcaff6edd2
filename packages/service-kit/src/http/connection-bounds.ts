import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createKeyedSemaphore } from '../limits/keyed-semaphore.ts'
import { onResponseClosed } from './request-signal.ts'

/** How long the rest of a body may still arrive after the answer, in milliseconds. */
const bodyRestMs = 10_000

/**
 * Closes the connection of an answered request whose body does not end. The server itself sets
 * bodies no time limit, because files take as long as they take.
 */
export function boundRestOfBody(request: IncomingMessage, ms = bodyRestMs): void {
  if (request.complete) return
  const timer = setTimeout(() => request.socket.destroy(), ms)
  timer.unref()
  request.once('close', () => clearTimeout(timer))
}

/** Pipelined requests of a connection; one with more is closed. Browsers and proxies send none. */
const mostWaiting = 100

/**
 * Serves one request of a connection at a time, in order. Thousands of pipelined requests are thus
 * never served at once.
 */
export function boundPipeline(serve: RequestListener, onClosed: () => void): RequestListener {
  const semaphore = createKeyedSemaphore<IncomingMessage['socket']>({ atOnce: 1, mostWaiting })
  const known = new WeakSet<IncomingMessage['socket']>()
  return (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request
    if (!known.has(socket)) {
      known.add(socket)
      socket.once('close', () => semaphore.drop(socket))
    }
    if (socket.destroyed) return
    const isAccepted = semaphore.enter(socket, (done) => {
      // Its next request must not begin while it closes.
      if (socket.destroyed) return
      onResponseClosed(response, done)
      serve(request, response)
    })
    if (isAccepted) return
    onClosed()
    socket.destroy()
  }
}

/**
 * Bytes of a body or an answer above which a connection is not read or filled further
 * (backpressure). Node reads up to 64 kB at a time: with its own mark of 64 kB a waiting body would
 * hold two pieces.
 */
export const highWaterMark = 16 * 1024

/** Tells the gateway that the request's token is valid. The gateway removes it from the answer. */
export const tokenVerifiedHeader = 'x-token-verified'
