import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { type AddressInfo, connect, createServer, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type ForwardOptions, forwardedHeaders } from './forwarded-headers.ts'
import { isSuspect, type UpstreamPool } from './upstream-pool.ts'

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
  /** Whose it is. */
  address: string
}

/**
 * What a node says of a connection that it was given, once its client has shown a token, or has
 * not; `limited` is somebody known who comes too often.
 */
export interface Handshake {
  kind: 'handshake'
  address: string
  outcome: 'accepted' | 'refused' | 'limited' | 'excused'
}

/** Connections on their way to each process. */
const onTheirWay = new WeakMap<ChildProcess, Set<Socket>>()
/** A process takes one connection a turn of its event loop. More than this would wait for longer than their clients do. */
const mostOnTheirWay = 64

export interface GiveOptions extends ForwardOptions {
  /** Whose the connection is. */
  address: string
  /** Called for each connection that was given, with its address. */
  onHandshake: (address: string, outcome: Handshake['outcome']) => void
  /** Called when a process to which connections were given has ended: their clients are about to come back. */
  onLost: () => void
}

/**
 * Gives a WebSocket's connection itself to a node of `pool`, over the channel that every child process has: from then
 * on its frames go straight between client and node, at no cost here. Whether there was a node to take it.
 */
export function giveConnection(
  { request, socket, head }: Upgrade,
  pool: UpstreamPool,
  { address, onLost, onHandshake, ...options }: GiveOptions,
): boolean {
  // What is given cannot be taken back: a node that hangs would keep it for as long as its client waits.
  const child = pool
    .candidates()
    .filter((node) => !isSuspect(node))
    .map((node) => node.child())
    .find((process) => process?.connected && (onTheirWay.get(process)?.size ?? 0) < mostOnTheirWay)
  if (!child || !(socket instanceof Socket)) return false
  const given: GivenConnection = {
    kind: 'connection',
    request: requestHead(request, options) + head.toString('latin1'),
    address,
  }
  stopReading(socket)
  const waiting = waitingFor(child, { onLost, onHandshake })
  waiting.add(socket)
  child.send(given, socket, {}, (error) => {
    waiting.delete(socket)
    if (error) socket.destroy()
  })
  return true
}

/** What is on its way to a process that dies ends with it, instead of staying open with nobody behind it: the client comes again. */
function waitingFor(
  child: ChildProcess,
  { onLost, onHandshake }: Pick<GiveOptions, 'onLost' | 'onHandshake'>,
): Set<Socket> {
  const known = onTheirWay.get(child)
  if (known) return known
  const waiting = new Set<Socket>()
  onTheirWay.set(child, waiting)
  child.on('message', (message: unknown) => {
    if (isHandshake(message)) onHandshake(message.address, message.outcome)
  })
  child.once('disconnect', () => {
    for (const socket of waiting) socket.destroy()
    onLost()
  })
  return waiting
}

const isHandshake = (message: unknown): message is Handshake =>
  typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'handshake'

/**
 * Node goes on reading a connection it gives away until the child has confirmed, and throws away what it reads: the first
 * packet of a quick client, who then waits for an answer in vain. `pause()` only stops the stream above the handle.
 */
function stopReading(socket: Socket) {
  readStopOf(socket)?.()
}

/**
 * There is no public way to it. Undefined for a socket that has ended, or in a Node that changed
 * inside.
 */
export function readStopOf(socket: object): (() => unknown) | undefined {
  const handle: unknown = Reflect.get(socket, '_handle')
  if (typeof handle !== 'object' || handle === null) return undefined
  const readStop: unknown = Reflect.get(handle, 'readStop')
  return typeof readStop === 'function' ? () => Reflect.apply(readStop, handle, []) : undefined
}

/**
 * Tries that on a connection to a server of its own: without it, clients that are quick would wait
 * in vain.
 */
export async function requireReadStop(): Promise<void> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    const readStop = readStopOf(socket)
    if (!readStop)
      throw new Error(
        `Node ${process.version} lacks readStop of a socket's handle: use the version of package.json`,
      )
    readStop()
  } finally {
    socket.destroy()
    server.close()
  }
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
