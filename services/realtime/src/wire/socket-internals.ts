import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { within } from '@finnigram/service-kit'
import { Server } from 'socket.io'
import { encodeFrame } from './frame.ts'

const patienceMs = 5000
const tried = encodeFrame('resync', '{}')
const triedText = '42["resync",{}]'

/**
 * Frames bypass Socket.IO by members of ws and Engine.IO that are not public, so any version may
 * lack them. This tries them on a server of its own before a node starts. Throws an error that
 * names what is missing.
 */
export async function requireInternals(): Promise<void> {
  const http = createServer()
  const io = new Server(http, { transports: ['websocket'], serveClient: false })
  const listening = once(http, 'listening')
  http.listen(0, '127.0.0.1')
  await listening
  const { port } = http.address() as AddressInfo
  const client = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`)
  try {
    const trying = tryOn(io, client)
    if (!(await within(patienceMs, trying)))
      throw new Error('Socket.IO does not pass on what is written past it')
  } finally {
    client.close()
    await io.close()
  }
}

function tryOn(io: Server, client: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    let arrived = 0
    client.addEventListener('open', () => client.send('40'))
    client.addEventListener('error', () => reject(new Error('Socket.IO cannot be connected to')))
    client.addEventListener('message', ({ data }) => {
      if (data === triedText) arrived += 1
      if (arrived === 2) resolve()
    })
    io.on('connection', (socket) => {
      const missing = missingFrom(socket)
      if (missing.length > 0) return reject(new Error(describe(missing)))
      const { transport } = socket.conn
      if ('socket' in transport && isRawWebSocket(transport.socket))
        transport.socket._sender.sendFrame(tried.list)
      socket.conn.write('', tried.options)
    })
  })
}

const describe = (missing: readonly string[]) =>
  `This version of Socket.IO cannot be used, it lacks ${missing.join(' and ')}: install the versions of package-lock.json`

/** Names of the internals that a connection lacks. */
export function missingFrom({ conn }: { conn: object }): string[] {
  const transport: unknown = Reflect.get(conn, 'transport')
  const webSocket: unknown =
    typeof transport === 'object' && transport ? Reflect.get(transport, 'socket') : null
  return [
    ...(isRawWebSocket(webSocket) ? [] : ['_sender.sendFrame of ws']),
    ...(Array.isArray(Reflect.get(conn, 'writeBuffer')) ? [] : ['writeBuffer of Engine.IO']),
    ...('request' in conn ? [] : ['request of Engine.IO']),
  ]
}

/** What is used of the WebSocket under a Socket.IO connection. */
export interface RawWebSocket {
  readonly readyState: number
  /** Bytes that wait for the network to take them. */
  readonly bufferedAmount: number
  terminate(): void
  /** How Socket.IO's own adapter writes a frame that was encoded before. */
  readonly _sender: { sendFrame(list: readonly Buffer[]): void }
}

/** Finds the WebSocket of a connection. Throws when Socket.IO is not built on `ws` any more. */
export function webSocketOf({ conn: { transport } }: { conn: { transport: object } }): RawWebSocket {
  if ('socket' in transport && isRawWebSocket(transport.socket)) return transport.socket
  throw new Error('The transport is not a WebSocket of ws')
}

function isRawWebSocket(socket: unknown): socket is RawWebSocket {
  return (
    typeof socket === 'object' &&
    socket !== null &&
    'bufferedAmount' in socket &&
    'terminate' in socket &&
    '_sender' in socket &&
    typeof socket._sender === 'object' &&
    socket._sender !== null &&
    'sendFrame' in socket._sender
  )
}
