import type { IncomingMessage, ServerResponse } from 'node:http'

/** How long the rest of a body may still come once its request is answered, in milliseconds. */
const restMs = 10_000

/** What comes of a body after its request was answered goes nowhere, for ten seconds; then its connection is cut. Left unread it would hold up whatever is asked next over that connection. */
export function dropRest(request: IncomingMessage, response: ServerResponse, ms = restMs): void {
  response.once('close', () => {
    if (request.complete) return
    request.unpipe()
    request.resume()
    const timer = setTimeout(() => request.socket.destroy(), ms)
    timer.unref()
    request.once('close', () => clearTimeout(timer))
  })
}
