import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { within } from '../lifecycle/wait.ts'
import { boundPipeline, highWaterMark } from './connection-bounds.ts'
import { createApp } from './create-app.ts'
import type { HttpConfig, HttpContext, Route } from './route.ts'

/** How long requests that are under way may take to finish when the server closes. */
const drainMs = 5000
/** The rest of a request's head is not waited for any longer: within this and the next of the looks. In milliseconds. */
const headersTimeoutMs = 15_000
const lookEveryMs = 2_000
/** Connections of a process in all: sockets of people, other services, the gateway. */
const mostConnections = 20_000

export interface HttpServer extends AsyncDisposable {
  readonly url: string
  readonly port: number
  /** For what speaks more than HTTP on the same port. */
  readonly server: Server
  /** Who asks, as `TRUST_PROXY` has it believed. */
  addressOf(request: IncomingMessage): string
}

/**
 * Serves a route table, health and metrics. Listens at once: until `ctx.health.started()` every route answers 503 and
 * `/health/ready` tells why. Disposing stops accepting, lets requests under way finish for five seconds, then closes.
 */
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
    connectionsCheckingInterval: lookEveryMs,
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
  // Longer than a proxy in front keeps an idle connection, so that it is never the server that hangs up first.
  server.keepAliveTimeout = 75_000
  server.headersTimeout = headersTimeoutMs
  // Bodies of calls are bounded by the time a request may take (`beginRequest`); a file may take as long as it comes.
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

/** The last address on the way here that nobody we trust named, as Express tells it of its requests. */
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
  // A kept connection is idle only once its last request is answered, so look again and again.
  const sweeping = setInterval(() => server.closeIdleConnections(), 25)
  server.closeIdleConnections()
  if (!(await within(drainMs, closed))) server.closeAllConnections()
  await closed
  clearInterval(sweeping)
}
