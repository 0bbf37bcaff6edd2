import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { type AddressInfo, connect, createServer, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type ForwardOptions, forwardedHeaders } from './forwarded-headers.ts'
import { isSuspect, type UpstreamPool } from './upstream-pool.ts'

/** A request to switch protocols, as Node's server hands it over. */
export interface Upgrade {
  request: IncomingMessage
  socket: Duplex
  /** What the client sent after its request, already read. */
  head: Buffer
}

/**
 * The message that goes with a socket: the request already read, and the bytes after it, as latin1.
 */
export interface SentSocket {
  kind: 'connection'
  request: string
  /** The client's address. */
  address: string
}

/** A node's report of a socket's handshake; `limited` is a known person who connects too often. */
export interface Handshake {
  kind: 'handshake'
  address: string
  outcome: 'accepted' | 'refused' | 'limited' | 'excused'
}

/** Sockets that each process has not confirmed yet. */
const inFlight = new WeakMap<ChildProcess, Set<Socket>>()
/** A process takes one socket in each turn of its event loop: more would outlast their clients. */
const mostInFlight = 64

export interface SendSocketOptions extends ForwardOptions {
  /** The client's address. */
  address: string
  /** Called once for each socket that was sent, with its address. */
  onHandshake: (address: string, outcome: Handshake['outcome']) => void
  /** Called when a process with our sockets has ended: its clients are about to reconnect. */
  onLost: () => void
}

/**
 * Socket hand-off: gives a WebSocket's TCP connection itself to a realtime node, so that its frames
 * pass straight between client and node and cost nothing here. `receive-socket.ts` is the other
 * end.
 *
 * Procedure: choose a responsive node whose process has few sockets in flight → stop reading the
 * socket → send its handle over the IPC channel of the child process, with the request as it was
 * read → the preload in the child puts it before the service's HTTP server.
 *
 * What it promises: no byte of a quick client is lost, a socket in flight to a process that dies is
 * closed (its client reconnects), and the node's report of each handshake is heard.
 * What it never does: parse a frame, or take a socket back. A socket that was sent is no longer
 * counted here.
 *
 * Returns whether there was a node to take it.
 */
export function sendSocket(
  { request, socket, head }: Upgrade,
  pool: UpstreamPool,
  { address, onLost, onHandshake, ...options }: SendSocketOptions,
): boolean {
  // A socket cannot be taken back: a node that hangs would keep it until its client gives up.
  const child = pool
    .candidates()
    .filter((node) => !isSuspect(node))
    .map((node) => node.child())
    .find((process) => process?.connected && (inFlight.get(process)?.size ?? 0) < mostInFlight)
  if (!child || !(socket instanceof Socket)) return false
  const message: SentSocket = {
    kind: 'connection',
    request: requestHead(request, options) + head.toString('latin1'),
    address,
  }
  stopReading(socket)
  const waiting = inFlightTo(child, { onLost, onHandshake })
  waiting.add(socket)
  child.send(message, socket, {}, (error) => {
    waiting.delete(socket)
    if (error) socket.destroy()
  })
  return true
}

/**
 * The sockets in flight to a process. They are closed when it dies, so that their clients
 * reconnect.
 */
function inFlightTo(
  child: ChildProcess,
  { onLost, onHandshake }: Pick<SendSocketOptions, 'onLost' | 'onHandshake'>,
): Set<Socket> {
  const known = inFlight.get(child)
  if (known) return known
  const waiting = new Set<Socket>()
  inFlight.set(child, waiting)
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
 * Node reads a socket it sends until the child confirms, and drops what it reads: the first packet
 * of a quick client would be lost. `pause()` only stops the stream above the handle.
 */
function stopReading(socket: Socket) {
  readStopOf(socket)?.()
}

/** Not a public API. Undefined for a socket that has ended, or if Node has changed inside. */
export function readStopOf(socket: object): (() => unknown) | undefined {
  const handle: unknown = Reflect.get(socket, '_handle')
  if (typeof handle !== 'object' || handle === null) return undefined
  const readStop: unknown = Reflect.get(handle, 'readStop')
  return typeof readStop === 'function' ? () => Reflect.apply(readStop, handle, []) : undefined
}

/** Checks at start that this Node has `readStop`, on a connection of its own. */
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

/** Rejects an upgrade with a plain HTTP answer. */
export function rejectWithStatus(socket: Duplex, status: string, headers = ''): void {
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
