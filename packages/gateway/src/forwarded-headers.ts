import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { isPublicHost } from '@finnigram/service-kit/gateway-exports'

/** Hop-by-hop headers, which concern one connection only (RFC 9110, 7.6.1). */
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
  /** Whether the request's `X-Forwarded-*` come from a trusted proxy. */
  trustProxy: boolean
  /** Whether the request comes from one of our services, whose internal token must arrive. */
  isInternal?: boolean
  /** Called with the head of the answer. */
  onAnswer?: (answer: IncomingMessage) => void
}

/** The headers a service receives: the client's, without hop-by-hop ones and those only we set. */
export function forwardedHeaders(
  request: IncomingMessage,
  { requestId, trustProxy, isInternal = false }: ForwardOptions,
): IncomingHttpHeaders {
  const headers = withoutHopByHop(request.headers)
  const known = trustProxy || isInternal ? request.headers : {}
  if (!isInternal) for (const name of spoofable) delete headers[name]
  headers['x-request-id'] = requestId
  // One address only, which services can take as it is.
  headers['x-forwarded-for'] = clientAddress(request, trustProxy || isInternal)
  headers['x-forwarded-proto'] =
    known['x-forwarded-proto'] ?? ((request.socket as TLSSocket).encrypted ? 'https' : 'http')
  headers['x-forwarded-host'] = known['x-forwarded-host'] ?? request.headers.host ?? ''
  return headers
}

/**
 * A copy of `headers` without the hop-by-hop ones. The length always stays: without it the body
 * would be read as the next request.
 */
export function withoutHopByHop(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const copy = { ...headers }
  const named = String(headers.connection ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
  for (const name of [...hopByHop, ...named]) if (name !== 'content-length') delete copy[name]
  return copy
}

/**
 * The client's address: the last one of a trusted proxy's X-Forwarded-For, or the socket's peer.
 */
export function clientAddress({ headers, socket }: IncomingMessage, trustProxy: boolean): string {
  const forwarded = trustProxy ? lastOf(headers['x-forwarded-for']) : undefined
  return forwarded ?? socket.remoteAddress ?? ''
}

const lastOf = (list: string | string[] | undefined) =>
  String(list ?? '')
    .split(',')
    .at(-1)
    ?.trim() || undefined

/** The request's own `X-Request-Id` if it is plain, otherwise a new one. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID()
}

/** The shortest time between two warnings, in milliseconds. */
const warnEveryMs = 60_000

/**
 * Detects a reverse proxy that `TRUST_PROXY` does not allow: requests with X-Forwarded-For from a
 * private address. All people behind it would share the limits of one.
 */
export function createUntrustedProxyDetector(
  { onSeen, warn }: { onSeen: () => void; warn: (text: string) => void },
  now: () => number = () => performance.now(),
): (request: IncomingMessage) => void {
  let warnedAt = Number.NEGATIVE_INFINITY
  return ({ headers, socket }) => {
    if (headers['x-forwarded-for'] === undefined) return
    const peer = (socket.remoteAddress ?? '').replace(/^::ffff:/, '')
    if (isPublicHost(peer)) return
    onSeen()
    if (now() - warnedAt < warnEveryMs) return
    warnedAt = now()
    warn(
      `A proxy at ${peer} says for whom it asks (X-Forwarded-For), but it is not trusted: all its people count as one, limits and all. If it is yours, set TRUST_PROXY=on.`,
    )
  }
}
