import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** The request's own id when it brings a plain one, a new one otherwise. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID()
}
