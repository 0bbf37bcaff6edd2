import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { clientAddress } from './client-address.ts'

/** Headers that concern one connection only (RFC 9110, 7.6.1). */
const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]
const spoofable = ['x-internal-token', 'forwarded', 'x-real-ip']

export interface ForwardOptions {
  requestId: string
  /** Whether the `X-Forwarded-*` of the request come from a proxy we know. */
  trustProxy: boolean
  /** Whether the request comes from one of our own services, whose token must arrive. */
  isInternal?: boolean
  /** Called with the head of the answer. */
  onAnswer?: (answer: IncomingMessage) => void
}

/** The headers a service receives: the client's, without those of the connection and those only we may set. */
export function forwardedHeaders(
  request: IncomingMessage,
  { requestId, trustProxy, isInternal = false }: ForwardOptions,
): IncomingHttpHeaders {
  const headers = withoutHopByHop(request.headers)
  const known = trustProxy || isInternal ? request.headers : {}
  if (!isInternal) for (const name of spoofable) delete headers[name]
  headers['x-request-id'] = requestId
  // One address only, which services can take as it is: what the proxy before us saw, or what we see.
  headers['x-forwarded-for'] = clientAddress(request, trustProxy || isInternal)
  headers['x-forwarded-proto'] =
    known['x-forwarded-proto'] ?? ((request.socket as TLSSocket).encrypted ? 'https' : 'http')
  headers['x-forwarded-host'] = known['x-forwarded-host'] ?? request.headers.host ?? ''
  return headers
}

/** A copy of `headers` without what concerned the connection it came by. The length stays, whoever names it: without it the body would be read as the next request. */
export function withoutHopByHop(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const copy = { ...headers }
  const named = String(headers.connection ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
  for (const name of [...hopByHop, ...named]) if (name !== 'content-length') delete copy[name]
  return copy
}
