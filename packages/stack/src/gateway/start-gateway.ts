import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Door } from '@finnigram/admission'
import { connectionsAtOnce } from '@finnigram/contracts'
import { tokenVerifiedHeader } from '@finnigram/service-kit/edge'
import { createHealthAnswer, noServices, sendHealth } from './answer-health.ts'
import { answerUpgrade, openDoor } from './answer-upgrade.ts'
import type { Connections } from './bound-connections.ts'
import { clientAddress } from './client-address.ts'
import { type Bounds, createBounds } from './create-bounds.ts'
import { createFigures, type GatewayFigures } from './create-figures.ts'
import { dropRest } from './drop-rest.ts'
import { forward } from './forward.ts'
import { requireReadStop } from './give-connection.ts'
import { listen } from './listen.ts'
import { closeServer, openServer } from './open-server.ts'
import { createRefusals, type Refusals } from './remember-refusals.ts'
import { requestIdOf } from './request-id.ts'
import { routeRequest } from './route-request.ts'
import { createPolicies, securityHeaders } from './security-headers.ts'
import { sendProblem } from './send-problem.ts'
import { type Serve, serveApp } from './serve-app.ts'
import { createDocuments, type DocumentName } from './serve-document.ts'
import { serveFigures } from './serve-figures.ts'
import { serveNotice } from './serve-notice.ts'
import type { UpstreamPool } from './upstream-pool.ts'
import { createProxyWatch } from './watch-for-proxy.ts'

export interface GatewayOptions {
  port: number
  host: string
  publicUrl?: string | undefined
  trustProxy: boolean
  /** New sockets each realtime node takes up. */
  connectionsPerSecond?: number | undefined
  /** And so many at once, after a quiet time. */
  connectionsAtOnce?: number | undefined
  /** Multiplies what one address may ask for; 1 when not said. */
  rateLimitScale?: number | undefined
  /** Where this machine can read the gateway's metrics; nowhere when not said. */
  metricsPort?: number | undefined
  /** Told what its operator should know. */
  warn?: ((text: string) => void) | undefined
}

/** What stands behind the gateway. */
interface Backend {
  users: UpstreamPool
  messages: UpstreamPool
  realtime: UpstreamPool
}

export interface Gateway extends AsyncDisposable {
  /** Where it listens. */
  url: string
  figures: GatewayFigures
  /** Connects the services; until then every call to them is answered with 503. */
  connect(backend: Backend): void
  /** Serves the web app built in `folder`. */
  serveApp(folder: string): void
  /** Says at the app's address why there is no app. */
  explain(notice: { title: string; text: string; isPassing: boolean }): void
}

/** What the gateway knows while it runs. */
export interface State {
  options: GatewayOptions
  backend: Backend | undefined
  /**
   * All nodes' places for new sockets together: thousands that lost theirs are told when to come back, in one order for
   * all of them, instead of asking again and again until a node is there.
   */
  door: Door
  bounds: Bounds
  refusals: Refusals
  figures: GatewayFigures
  connections: Connections
  documents: Record<DocumentName, Serve>
  health: (response: ServerResponse) => void
  app: Serve
  lookForProxy: (request: IncomingMessage) => void
}

/** Opens the one public origin. It listens at once, so that a taken port is known before anything else is started. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  await requireReadStop()
  const figures = createFigures()
  await using parts = new AsyncDisposableStack()
  if (options.metricsPort !== undefined) parts.use(await serveFigures(options.metricsPort, figures))
  // Not the server's own count: it holds the connections given away until their node says that they have ended.
  const busy = new Set<ServerResponse>()
  const { server, connections } = openServer(options, figures, (request, response) => {
    busy.add(response)
    response.once('close', () => busy.delete(response))
    answer(state, request, response)
  })
  const url = `http://${urlHost(options.host)}:${await listen(server, options)}`
  const state = createState(options, { url, figures, connections })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    answerUpgrade(state, { request, socket, head })
  })
  const kept = parts.move()
  return {
    url,
    figures,
    ...createSwitches(state),
    async [Symbol.asyncDispose]() {
      await closeServer(server, busy)
      await kept.disposeAsync()
    },
  }
}

/** As it is while nothing stands behind it. */
function createState(
  options: GatewayOptions,
  { url, figures, connections }: Pick<State, 'figures' | 'connections'> & { url: string },
): State {
  const { rateLimitScale: scale = 1, publicUrl, warn = () => {} } = options
  const headers = headersFor(options)
  return {
    options,
    backend: undefined,
    door: openDoor(options, 1),
    refusals: createRefusals(),
    bounds: createBounds({ scale, atOnce: options.connectionsAtOnce ?? connectionsAtOnce }, figures),
    figures,
    connections,
    documents: createDocuments(publicUrl ?? url, headers),
    health: (response) => sendHealth(response, noServices),
    app: serveNotice(starting, headers),
    lookForProxy: createProxyWatch({ onSeen: () => figures.unknownProxy.inc(), warn }),
  }
}

const headersFor = ({ publicUrl }: GatewayOptions) =>
  securityHeaders(publicUrl?.startsWith('https:') ?? false)

/** What the stack tells the gateway, once it is there. */
function createSwitches(state: State): Pick<Gateway, 'connect' | 'serveApp' | 'explain'> {
  const { options, figures } = state
  const policyOf = createPolicies(options.publicUrl)
  return {
    connect(backend) {
      state.backend = backend
      state.door = openDoor(options, backend.realtime.nodes.length)
      state.health = createHealthAnswer(Object.values(backend))
      for (const pool of Object.values(backend)) {
        pool.onFull = () => figures.refused.inc({ bound: `requests to ${pool.name}` })
      }
    },
    serveApp(folder) {
      state.app = serveApp(folder, headersFor(options), policyOf)
    },
    explain(notice) {
      state.app = serveNotice(notice, headersFor(options))
    },
  }
}

function answer(state: State, request: IncomingMessage, response: ServerResponse) {
  const { bounds, options } = state
  const { authorization } = request.headers
  const requestId = requestIdOf(request)
  const address = clientAddress(request, options.trustProxy)
  if (!options.trustProxy) state.lookForProxy(request)
  dropRest(request, response)
  const waitMs = bounds.ask(address, authorization)
  if (waitMs !== null) return sendProblem(response, 'rate_limited', requestId, waitMs)
  const destination = routeRequest(request.url ?? '/')
  switch (destination) {
    case 'openapi':
    case 'asyncapi':
    case 'docs':
      return state.documents[destination](request, response)
    case 'problem':
      return leadToProblem(request, response)
    case 'app':
      return state.app(request, response)
    case 'health':
      return state.health(response)
    case 'nobody':
      return sendProblem(response, 'not_found', requestId)
    default:
      return pass(state, { request, response, requestId, address }, destination)
  }
}

interface Call {
  request: IncomingMessage
  response: ServerResponse
  requestId: string
  address: string
}

/** Passes a call on to its service, once others of the same address leave it a turn. */
function pass({ backend, bounds, refusals, figures, options }: State, call: Call, service: keyof Backend) {
  const { request, response, requestId, address } = call
  if (!backend) return sendProblem(response, 'unavailable', requestId)
  const waitMs = refusals.waitFor(request)
  if (waitMs !== null) {
    figures.refused.inc({ bound: 'chunks of uploads' })
    return sendProblem(response, 'rate_limited', requestId, waitMs)
  }
  const hasTurn = bounds.call(address, (done) => {
    if (response.destroyed) return done()
    let isVerified = false
    response.once('close', () => {
      done()
      const { statusCode: status, headersSent } = response
      if (!headersSent) return
      bounds.answered(address, request.headers.authorization, { status, isVerified })
      refusals.note(request, response)
    })
    const onAnswer = ({ headers }: IncomingMessage) => {
      isVerified = headers[tokenVerifiedHeader] !== undefined
    }
    forward({ request, response }, backend[service], { requestId, trustProxy: options.trustProxy, onAnswer })
  })
  if (!hasTurn) sendProblem(response, 'rate_limited', requestId)
}

function leadToProblem({ url = '' }: IncomingMessage, response: ServerResponse) {
  const code = url.split('/').at(-1)?.replace(/\W/g, '') ?? ''
  response.writeHead(302, { location: `/v1/docs#problem-${code}` }).end()
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
