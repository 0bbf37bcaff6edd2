import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { addressKey, boundPipeline, highWaterMark } from '@finnigram/service-kit/gateway-exports'
import type { Serve } from './serve-app.ts'

/** Time for the head of a request, in milliseconds; looked after every two seconds. */
const headersTimeout = 15_000
const connectionsCheckingInterval = 2_000
/** Time for a whole request: 100 MiB over a slow line take longer than Node's five minutes. */
const requestTimeout = 3_600_000
/** Connections at once, of one address and in all. */
const connectionsPerAddress = 2_000
const connectionsInAll = 20_000

interface ServerOptions {
  /** Called with the reason when a connection was closed at a bound. */
  onClosed: (reason: string) => void
  /** Upgrades that are not wanted are ignored, and their requests answered as HTTP/1.1. */
  shouldUpgrade: (request: IncomingMessage) => boolean
  serve: Serve
}

/** An HTTP server that works on one request of a connection at a time and bounds connections. */
export function openServer(
  { trustProxy, rateLimitScale: scale = 1 }: { trustProxy: boolean; rateLimitScale?: number | undefined },
  { onClosed, shouldUpgrade, serve }: ServerOptions,
): { server: Server; connections: Connections } {
  const timeouts = { keepAliveTimeout: 65_000, headersTimeout, requestTimeout, connectionsCheckingInterval }
  const server = createServer(
    { ...timeouts, highWaterMark, shouldUpgradeCallback: shouldUpgrade },
    boundPipeline(serve, () => onClosed('pipeline')),
  )
  // Behind a proxy all connections are the proxy's.
  const perAddress = trustProxy ? connectionsInAll : connectionsPerAddress * Math.max(1, scale)
  const connections = boundConnections(server, { perAddress, inAll: connectionsInAll, onClosed })
  return { server, connections }
}

/** Graceful close: accepts nothing more and lets requests that are under way end, for a second. */
export async function closeServer(server: Server, busy: ReadonlySet<ServerResponse>): Promise<void> {
  server.close()
  server.closeIdleConnections()
  await Promise.race([
    Promise.all([...busy].map((response) => once(response, 'close'))),
    sleep(1_000, undefined, { ref: false }),
  ])
  server.closeAllConnections()
}

interface ConnectionBounds {
  /** Of one address. A browser opens six, a proxy a thousand. */
  perAddress: number
  /** In all; sockets handed off to a node are not among them. */
  inAll: number
  onClosed: (reason: 'many of an address' | 'many') => void
}

export interface Connections {
  /** No longer counts a connection that was handed off. */
  release(socket: Duplex): void
}

/** Closes a new connection that exceeds a bound. */
function boundConnections(server: Server, { perAddress, inAll, onClosed }: ConnectionBounds): Connections {
  const counts = new Map<string, number>()
  const keys = new WeakMap<Duplex, string>()
  const release = (socket: Duplex) => {
    const key = keys.get(socket)
    if (key === undefined) return
    keys.delete(socket)
    const left = (counts.get(key) ?? 1) - 1
    if (left > 0) counts.set(key, left)
    else counts.delete(key)
  }
  server.maxConnections = inAll
  server.on('drop', () => onClosed('many'))
  server.prependListener('connection', (socket) => {
    const key = addressKey(socket.remoteAddress ?? '')
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    keys.set(socket, key)
    socket.once('close', () => release(socket))
    if (count <= perAddress) return
    onClosed('many of an address')
    socket.destroy()
  })
  return { release }
}

interface Address {
  port: number
  host: string
}

/** The address cannot be listened on. The message says what the person at the keyboard can do. */
export class ListenFailure extends Error {
  override name = 'ListenFailure'
}

/** Begins to listen; returns the port. */
export async function listen(server: Server, { port, host }: Address): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, host, () => {
        server.off('error', reject)
        resolve()
      })
    })
  } catch (error) {
    throw explainListenError(error, { port, host })
  }
  return (server.address() as AddressInfo).port
}

function explainListenError(error: unknown, { port, host }: Address) {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  if (code === 'EADDRINUSE') {
    return new ListenFailure(
      `Port ${port} is taken by another program: stop it, or choose another port, for example \`PORT=${port + 1} npm start\`.`,
    )
  }
  if (code === 'EACCES') {
    return new ListenFailure(
      `Port ${port} needs more rights: choose one above 1023, for example \`PORT=8080 npm start\`.`,
    )
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new ListenFailure(
      `HOST ${host} is no address of this machine: use 127.0.0.1, or 0.0.0.0 for all of them.`,
    )
  }
  return error
}
