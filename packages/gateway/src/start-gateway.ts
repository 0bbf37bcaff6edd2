import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { type ConnectionAdmission, createConnectionAdmission } from '@finnigram/admission'
import {
  connectionsAtOnce as connectionsAtOnceOfNode,
  connectionsPerSecond as connectionsPerSecondOfNode,
  longestRetryAfterMs,
} from '@finnigram/contracts'
import { answerRequest, type Backend, type RequestDeps } from './answer-request.ts'
import { answerUpgrade, type UpgradeDeps } from './answer-upgrade.ts'
import { type Bounds, createBounds, createUploadThrottle } from './bounds.ts'
import { createUntrustedProxyDetector } from './forwarded-headers.ts'
import { createHealthHandler, noServices, sendHealth } from './health.ts'
import { createGatewayMetrics, type GatewayMetrics, serveMetrics } from './metrics.ts'
import { closeServer, listen, openServer } from './open-server.ts'
import { type AppProxy, proxyApp } from './proxy-app.ts'
import { isSocketUpgrade } from './route-request.ts'
import { requireReadStop } from './send-socket.ts'
import { createPolicies, securityHeaders, serveApp, serveNotice } from './serve-app.ts'
import { createDocuments } from './serve-documents.ts'

/**
 * The gateway: the one public origin, a reverse proxy in front of the services.
 *
 * What it promises
 * - One origin for API, sockets and app, from the first moment: until services are connected, calls
 *   get 503 with `Retry-After` and pages say that the product is starting.
 * - A request reaches the service that owns its path (`route-request.ts`), on a node that is alive
 *   (`upstream-pool.ts`), and moves to another node where it may run twice (`forward.ts`).
 * - A WebSocket costs nothing here: its TCP connection is handed to a realtime node
 *   (`send-socket.ts`, `receive-socket.ts`), admitted by a token bucket of all nodes together.
 * - One address cannot take everybody's places (`bounds.ts`, `open-server.ts`).
 *
 * Procedure of a request: count the connection → rate limit of its address → route → wait for a
 * place among the calls of its address → forward → note whether its token was good.
 *
 * What it never does: read a body, check a token itself, keep anything over a restart, or let a
 * client say what only the gateway may say (`X-Forwarded-*`, the internal token).
 *
 * The stack starts it in its own process, which is also the parent of the services' processes:
 * only a parent can hand a socket to them.
 */
export interface Gateway extends AsyncDisposable {
  /** Where it listens. */
  url: string
  metrics: GatewayMetrics
  /** Connects the services; until then every call to them is answered with 503. */
  connect(backend: Backend): void
  /** Serves the web app built in `folder`. */
  serveApp(folder: string): void
  /** Passes the app's paths, and its sockets, on to the development server at `url`. */
  proxyApp(url: string): void
  /** Shows at the app's address why there is no app. */
  showNotice(notice: { title: string; text: string; isPassing: boolean }): void
}

export interface GatewayOptions {
  port: number
  host: string
  publicUrl?: string | undefined
  trustProxy: boolean
  /** New sockets that each realtime node takes up in a second. */
  connectionsPerSecond?: number | undefined
  /** New sockets that each realtime node takes up at once, after a quiet time. */
  connectionsAtOnce?: number | undefined
  /** Multiplies what one address may ask for; 1 when not said. */
  rateLimitScale?: number | undefined
  /** Where this machine can read the gateway's metrics; nowhere when not said. */
  metricsPort?: number | undefined
  /** Called with what an operator should know. */
  warn?: ((text: string) => void) | undefined
}

/** What the gateway knows while it runs. */
interface State extends RequestDeps, UpgradeDeps {
  backend: Backend | undefined
  bounds: Bounds
  metrics: GatewayMetrics
  appProxy: AppProxy | undefined
}

/**
 * Opens the public origin. It listens at once, so that a taken port is known before anything else
 * starts.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  await requireReadStop()
  const metrics = createGatewayMetrics()
  await using resources = new AsyncDisposableStack()
  if (options.metricsPort !== undefined) resources.use(await serveMetrics(options.metricsPort, metrics))
  // Not the server's own count: it holds handed-off connections until their node says they ended.
  const busy = new Set<ServerResponse>()
  const { server, connections } = openServer(options, {
    onClosed: (reason) => metrics.cut.inc({ reason }),
    shouldUpgrade: (request) => isSocketUpgrade(request) || state.appProxy?.isUpgrade(request) === true,
    serve(request, response) {
      busy.add(response)
      response.once('close', () => busy.delete(response))
      answerRequest(state, request, response)
    },
  })
  const url = `http://${urlHost(options.host)}:${await listen(server, options)}`
  const state = createState(options, { url, metrics, connections })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (isSocketUpgrade(request)) answerUpgrade(state, { request, socket, head })
    else state.appProxy?.upgrade({ request, socket, head })
  })
  const kept = resources.move()
  return {
    url,
    metrics,
    ...createControls(state, options),
    async [Symbol.asyncDispose]() {
      await closeServer(server, busy)
      await kept.disposeAsync()
    },
  }
}

/** The state while nothing is connected yet. */
function createState(
  options: GatewayOptions,
  { url, metrics, connections }: Pick<State, 'metrics' | 'connections'> & { url: string },
): State {
  const { rateLimitScale: scale = 1, publicUrl, trustProxy, warn = () => {} } = options
  const headers = headersFor(options)
  return {
    trustProxy,
    backend: undefined,
    admission: createAdmission(options, 1),
    uploadThrottle: createUploadThrottle(),
    bounds: createBounds({ scale, atOnce: options.connectionsAtOnce ?? connectionsAtOnceOfNode }, metrics),
    metrics,
    connections,
    documents: createDocuments(publicUrl ?? url, headers),
    health: (response) => sendHealth(response, noServices),
    app: serveNotice(starting, headers),
    appProxy: undefined,
    detectUntrustedProxy: createUntrustedProxyDetector({
      onSeen: () => metrics.unknownProxy.inc(),
      warn,
    }),
  }
}

/** Time after which a node that has just died usually serves again, in milliseconds. */
const nodeRestartMs = 3_500

/**
 * The token bucket for new sockets of all nodes together. Thousands that lost their node are given
 * retry-after moments in one order, instead of asking again and again until a node is there.
 */
function createAdmission(
  {
    connectionsPerSecond: perSecond = connectionsPerSecondOfNode,
    connectionsAtOnce: atOnce = connectionsAtOnceOfNode,
  }: GatewayOptions,
  nodes: number,
): ConnectionAdmission {
  const window = { soonestMs: nodeRestartMs, longestMs: longestRetryAfterMs }
  return createConnectionAdmission({ perSecond: perSecond * nodes, atOnce: atOnce * nodes, ...window })
}

const headersFor = ({ publicUrl }: GatewayOptions) =>
  securityHeaders(publicUrl?.startsWith('https:') ?? false)

type Controls = Pick<Gateway, 'connect' | 'serveApp' | 'proxyApp' | 'showNotice'>

/** How the stack connects what stands behind the gateway, once it is there. */
function createControls(state: State, options: GatewayOptions): Controls {
  const policyOf = createPolicies(options.publicUrl)
  return {
    connect(backend) {
      state.backend = backend
      state.admission = createAdmission(options, backend.realtime.nodes.length)
      state.health = createHealthHandler(Object.values(backend))
      for (const pool of Object.values(backend)) {
        pool.onFull = () => state.metrics.refused.inc({ bound: `requests to ${pool.name}` })
      }
    },
    serveApp(folder) {
      state.app = serveApp(folder, headersFor(options), policyOf)
    },
    proxyApp(url) {
      state.appProxy = proxyApp(url)
      state.app = state.appProxy.serve
    },
    showNotice(notice) {
      state.app = serveNotice(notice, headersFor(options))
    },
  }
}

const starting = {
  title: 'Finnigram is starting',
  text: 'This page opens by itself when it is ready.',
  isPassing: true,
}

/** An address people can open: what listens everywhere is reached here as localhost. */
function urlHost(host: string) {
  if (host === '127.0.0.1' || host === '0.0.0.0' || host === '::' || host === '::1') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}
