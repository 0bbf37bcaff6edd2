import type { IncomingMessage, ServerResponse } from 'node:http'

/** How long the rest of a body may still come once its request is answered, in milliseconds. */
const restMs = 10_000
/** Until then whoever hears a refusal has hung up, and what was on the way need not be read. */
const untilHeardMs = 500

/**
 * What comes of a body after its request was answered goes nowhere, for ten seconds; then its connection is cut. Left
 * unread it would hold up whatever is asked next over that connection.
 */
export function dropRest(request: IncomingMessage, response: ServerResponse, ms = restMs): void {
  response.once('close', () => {
    if (request.complete) return
    request.unpipe()
    if (response.statusCode < 400) request.resume()
    else setTimeout(() => request.resume(), Math.min(untilHeardMs, ms / 2)).unref()
    const timer = setTimeout(() => request.socket.destroy(), ms)
    timer.unref()
    request.once('close', () => clearTimeout(timer))
  })
}
