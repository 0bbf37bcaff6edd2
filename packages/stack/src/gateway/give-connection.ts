import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type ForwardOptions, forwardedHeaders } from './forwarded-headers.ts'
import type { UpstreamPool } from './upstream-pool.ts'

/** A request to leave HTTP for something else, as Node's server hands it over. */
export interface Upgrade {
  request: IncomingMessage
  socket: Duplex
  /** What the client sent after its request, already read. */
  head: Buffer
}

/** What goes to a node along with a connection: the request that was read from it, and what came after, as latin1. */
export interface GivenConnection {
  kind: 'connection'
  request: string
}

/**
 * Gives a WebSocket's connection itself to a node of `pool`, over the channel that every child process has: from then
 * on its frames go straight between client and node, at no cost here. 503 when there is no node to take it.
 */
export function giveConnection(
  { request, socket, head }: Upgrade,
  pool: UpstreamPool,
  options: ForwardOptions,
): void {
  socket.on('error', () => socket.destroy())
  const child = pool
    .candidates()
    .map((node) => node.child())
    .find((process) => process?.connected)
  if (!child || !(socket instanceof Socket)) {
    refuseUpgrade(socket, '503 Service Unavailable', 'Retry-After: 1\r\n')
    return
  }
  const given: GivenConnection = {
    kind: 'connection',
    request: requestHead(request, options) + head.toString('latin1'),
  }
  stopReading(socket)
  // A node that dies at this moment takes the connection with it; the client comes again.
  child.send(given, socket, {}, (error) => error && socket.destroy())
}

/**
 * Node goes on reading a connection it gives away until the child has confirmed, and throws away what it reads: the first
 * packet of a quick client, who then waits for an answer in vain. `pause()` only stops the stream above the handle.
 */
function stopReading(socket: Socket) {
  const handle: unknown = Reflect.get(socket, '_handle')
  if (typeof handle !== 'object' || handle === null) return
  const readStop: unknown = Reflect.get(handle, 'readStop')
  if (typeof readStop === 'function') Reflect.apply(readStop, handle, [])
}

/** Ends an upgrade that cannot be served. */
export function refuseUpgrade(socket: Duplex, status: string, headers = ''): void {
  socket.end(`HTTP/1.1 ${status}\r\n${headers}Connection: close\r\nContent-Length: 0\r\n\r\n`)
}

function requestHead(request: IncomingMessage, options: ForwardOptions) {
  const headers: IncomingHttpHeaders = {
    ...forwardedHeaders(request, options),
    connection: 'Upgrade',
    upgrade: request.headers.upgrade,
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${request.method} ${request.url} HTTP/1.1\r\n${lines.join('')}\r\n`
}
