import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'

const acceptable = /^[\w.-]{1,128}$/
const header = 'x-request-id'

/** Takes the caller's request id, or makes one where there is none fit to be logged, and answers it. */
export function assignRequestId(request: IncomingMessage, response: ServerResponse): string {
  const given = request.headers[header]
  const id = typeof given === 'string' && acceptable.test(given) ? given : randomUUID()
  response.setHeader(header, id)
  return id
}

/** The id this request was given. */
export function requestIdOf(response: ServerResponse): string {
  return String(response.getHeader(header) ?? '')
}
