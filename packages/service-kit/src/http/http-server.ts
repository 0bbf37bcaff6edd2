import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { within } from '../lifecycle/wait.ts'
import { boundPipeline, highWaterMark } from './connection-bounds.ts'
import { createApp } from './create-app.ts'
import type { HttpConfig, HttpContext, Route } from './route.ts'

/**
 * HTTP server of a service: serves a route table, health and metrics.
 *
 * Promise: every request is answered once, by its contract or by problem details (RFC 9457), within
 * ten seconds unless it is a file. No client can hold memory, a connection or the event loop for
 * longer than the bounds below and in `connection-bounds.ts` allow.
 *
 * What happens to a request, in this order:
 *   1. Connection: one request of a connection at a time (`connection-bounds.ts`).
 *   2. Application: request id, deadline, security headers, 503 while starting (`create-app.ts`).
 *   3. Route: rate limit by address, authentication, rate limit by user, read and validate, rate
 *      limit by content, a permit of the user's bulkhead, the use case, the answer
 *      (`serve-route.ts`).
 *
 * Routes are rows: `route(contract, handler, { limit })` (`route.ts`). A handler gets checked input
 * and returns a body or throws an `AppError`; it never sees Express, status codes or the socket.
 *
 * It listens at once: until `ctx.health.started()` routes answer 503 and `/health/ready` says why.
 * Disposing stops accepting, lets requests finish for five seconds, then closes all connections.
 */
export interface HttpServer extends AsyncDisposable {
  readonly url: string
  readonly port: number
  /** For what speaks more than HTTP on the same port. */
  readonly server: Server
  /** The client's address, as far as `TRUST_PROXY` lets `X-Forwarded-For` be believed. */
  addressOf(request: IncomingMessage): string
}

/** How long requests may take to finish when the server closes. */
const drainMs = 5000
/** Longest wait for the headers of a request, checked every `checkEveryMs`. */
const headersTimeoutMs = 15_000
const checkEveryMs = 2_000
/** Connections of a process in all: sockets of clients, other services, the gateway. */
const mostConnections = 20_000

export async function startHttp({
  ctx,
  config,
  routes,
}: {
  ctx: HttpContext
  config: HttpConfig
  routes: readonly Route[]
}): Promise<HttpServer> {
  const app = createApp(ctx, config, routes)
  const cut = ctx.metrics.counter('http_connections_cut_total', 'Connections that were closed at a bound', [
    'reason',
  ])
  const options = {
    connectionsCheckingInterval: checkEveryMs,
    highWaterMark,
    shouldUpgradeCallback: (request: IncomingMessage): boolean =>
      isWebSocket(request) && server.listenerCount('upgrade') > 0,
  }
  const server: Server = createServer(
    options,
    boundPipeline(app, () => cut.inc({ reason: 'pipeline' })),
  )
  server.maxConnections = mostConnections
  server.on('drop', () => cut.inc({ reason: 'many' }))
  // Longer than a proxy keeps an idle connection, so that the server never hangs up first.
  server.keepAliveTimeout = 75_000
  server.headersTimeout = headersTimeoutMs
  // The deadline of a request (`create-app.ts`) bounds bodies; a file may take as long as it comes.
  server.requestTimeout = 0
  await listen(server, config)
  const { port } = server.address() as AddressInfo
  const host = config.HOST === '0.0.0.0' || config.HOST === '::' ? '127.0.0.1' : config.HOST
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  ctx.log.info('Listening', { url })
  return {
    url,
    port,
    server,
    addressOf: (request) => addressOf(request, app.get('trust proxy fn')),
    async [Symbol.asyncDispose]() {
      ctx.health.stopping()
      await close(server)
    },
  }
}

/** The last hop that is no trusted proxy, as Express computes it for its requests. */
function addressOf(
  { headers, socket }: IncomingMessage,
  isTrusted: (address: string, hop: number) => boolean,
): string {
  const named = String(headers['x-forwarded-for'] ?? '').split(',')
  const hops = [socket.remoteAddress ?? '', ...named.map((name) => name.trim()).reverse()].filter(Boolean)
  return hops.find((address, hop) => !isTrusted(address, hop)) ?? hops.at(-1) ?? ''
}

/** Every other upgrade is ignored, and its request answered as HTTP/1.1 (RFC 9110, 7.8). */
const isWebSocket = ({ method, headers }: IncomingMessage) =>
  method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket'

function listen(server: Server, { HOST, PORT }: HttpConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(PORT, HOST, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  // A kept-alive connection is idle only once its last request is answered, so sweep repeatedly.
  const sweeping = setInterval(() => server.closeIdleConnections(), 25)
  server.closeIdleConnections()
  if (!(await within(drainMs, closed))) server.closeAllConnections()
  await closed
  clearInterval(sweeping)
}
