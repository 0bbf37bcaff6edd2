import type { IncomingMessage } from 'node:http'

/** How long the rest of a body may still come once the request is answered, in milliseconds. */
const leftoverMs = 10_000

/** Cuts the connection of an answered request whose body goes on and on: the server itself sets bodies no time, because files take as long as they take. */
export function boundLeftover(request: IncomingMessage, ms = leftoverMs): void {
  if (request.complete) return
  const timer = setTimeout(() => request.socket.destroy(), ms)
  timer.unref()
  request.once('close', () => clearTimeout(timer))
}
