import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  connectionsAtOnce,
  connectionsPerSecond,
  createDoor,
  type Door,
  longestComebackMs,
} from '@finnigram/contracts'
import { StartFailure } from '../start-failure.ts'
import { collectHealth } from './collect-health.ts'
import { forward } from './forward.ts'
import { giveConnection, refuseUpgrade, type Upgrade } from './give-connection.ts'
import { requestIdOf } from './request-id.ts'
import { routeRequest } from './route-request.ts'
import { securityHeaders } from './security-headers.ts'
import { sendProblem } from './send-problem.ts'
import { type Serve, serveApp } from './serve-app.ts'
import { serveDocument } from './serve-document.ts'
import { serveNotice } from './serve-notice.ts'
import { turnAway } from './turn-away.ts'
import type { UpstreamPool } from './upstream-pool.ts'

export interface GatewayOptions {
  port: number
  host: string
  publicUrl?: string | undefined
  trustProxy: boolean
  /** New sockets each realtime node takes up. */
  connectionsPerSecond?: number | undefined
  /** And so many at once, after a quiet time. */
  connectionsAtOnce?: number | undefined
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
  /** Connects the services; until then every call to them is answered with 503. */
  connect(backend: Backend): void
  /** Serves the web app built in `folder`. */
  serveApp(folder: string): void
  /** Says at the app's address why there is no app. */
  explain(notice: { title: string; text: string; isPassing: boolean }): void
}

/** What the gateway knows while it runs. */
interface State {
  options: GatewayOptions
  headers: Record<string, string>
  /** The origin people type. */
  origin: string
  backend: Backend | undefined
  /**
   * All nodes' places for new sockets together: thousands that lost theirs are told when to come back, in one order for
   * all of them, instead of asking again and again until a node is there.
   */
  door: Door
  app: Serve
}

/** Opens the one public origin. It listens at once, so that a taken port is known before anything else is started. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const headers = securityHeaders(options.publicUrl?.startsWith('https:') ?? false)
  const state: State = {
    options,
    headers,
    origin: '',
    backend: undefined,
    door: openDoor(options, 1),
    app: serveNotice(starting, headers),
  }
  // Not the server's own count: it holds the connections given away until their node says that they have ended.
  const busy = new Set<ServerResponse>()
  // An upload of 100 MiB over a slow line takes longer than the five minutes Node grants a request.
  const server = createServer(
    { keepAliveTimeout: 65_000, requestTimeout: 3_600_000 },
    (request, response) => {
      busy.add(response)
      response.once('close', () => busy.delete(response))
      answer(state, request, response)
    },
  )
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    answerUpgrade(state, { request, socket, head })
  })
  const url = `http://${urlHost(options.host)}:${await listen(server, options)}`
  state.origin = options.publicUrl ?? url
  return {
    url,
    connect: (backend) => {
      state.backend = backend
      state.door = openDoor(options, backend.realtime.nodes.length)
    },
    serveApp: (folder) => {
      state.app = serveApp(folder, headers)
    },
    explain: (notice) => {
      state.app = serveNotice(notice, headers)
    },
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeIdleConnections()
      await Promise.race([
        Promise.all([...busy].map((response) => once(response, 'close'))),
        sleep(1_000, undefined, { ref: false }),
      ])
      server.closeAllConnections()
    },
  }
}

function answer(state: State, request: IncomingMessage, response: ServerResponse) {
  const { backend, headers, origin, options } = state
  const requestId = requestIdOf(request)
  const path = request.url ?? '/'
  const destination = routeRequest(path)
  const own = serveDocument[destination]
  if (own) return own({ response, path, origin, headers })
  if (destination === 'app') return state.app(request, response)
  if (destination === 'health') return void answerHealth(response, backend)
  if (destination === 'users' || destination === 'messages' || destination === 'realtime') {
    if (!backend) return sendProblem(response, 'unavailable', requestId)
    return forward({ request, response }, backend[destination], { requestId, trustProxy: options.trustProxy })
  }
  sendProblem(response, 'not_found', requestId)
}

function answerUpgrade({ backend, options, door }: State, upgrade: Upgrade) {
  const { request, socket } = upgrade
  socket.on('error', () => socket.destroy())
  if (routeRequest(request.url ?? '/') !== 'realtime') return refuseUpgrade(socket, '404 Not Found')
  if (!backend) return turnAway(upgrade, door.refuse())
  const { trustProxy } = options
  const retryAfterMs = door.ask()
  if (retryAfterMs !== null) return turnAway(upgrade, retryAfterMs)
  const isGiven = giveConnection(upgrade, backend.realtime, {
    requestId: requestIdOf(request),
    trustProxy,
    onLost: () => door.pace(),
  })
  if (!isGiven) turnAway(upgrade, door.refuse())
}

/** A node that has just died is back after about this time, in milliseconds. */
const comebackMs = 3_500

function openDoor(
  {
    connectionsPerSecond: perSecond = connectionsPerSecond,
    connectionsAtOnce: atOnce = connectionsAtOnce,
  }: GatewayOptions,
  nodes: number,
): Door {
  const moments = { soonestMs: comebackMs, longestMs: longestComebackMs }
  return createDoor({ perSecond: perSecond * nodes, atOnce: atOnce * nodes, ...moments })
}

const starting = {
  title: 'Finnigram is starting',
  text: 'This page opens by itself when it is ready.',
  isPassing: true,
}

async function answerHealth(response: ServerResponse, backend: Backend | undefined) {
  const health = backend
    ? await collectHealth(Object.values(backend))
    : { status: 'down' as const, services: {} }
  response
    .writeHead(health.status === 'down' ? 503 : 200, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      ...(health.status === 'down' ? { 'retry-after': '1' } : {}),
    })
    .end(JSON.stringify(health))
}

/** An address people can open: what listens everywhere is reached here as localhost. */
function urlHost(host: string) {
  if (host === '127.0.0.1' || host === '0.0.0.0' || host === '::' || host === '::1') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

async function listen(
  server: ReturnType<typeof createServer>,
  { port, host }: GatewayOptions,
): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, host, () => {
        server.off('error', reject)
        resolve()
      })
    })
  } catch (error) {
    throw explain(error, { port, host })
  }
  return (server.address() as AddressInfo).port
}

function explain(error: unknown, { port, host }: { port: number; host: string }) {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  if (code === 'EADDRINUSE') {
    return new StartFailure(
      `Port ${port} is taken by another program: stop it, or choose another port, for example \`PORT=${port + 1} npm start\`.`,
    )
  }
  if (code === 'EACCES') {
    return new StartFailure(
      `Port ${port} needs more rights: choose one above 1023, for example \`PORT=8080 npm start\`.`,
    )
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new StartFailure(
      `HOST ${host} is no address of this machine: use 127.0.0.1, or 0.0.0.0 for all of them.`,
    )
  }
  return error
}
