import { createHash } from 'node:crypto'
import type { Server as HttpServer, IncomingMessage } from 'node:http'
import { drainNoticeFrames } from '@finnigram/admission'
import { maxPacketBytes } from '@finnigram/contracts'
import type { HttpContext } from '@finnigram/service-kit'
import { Server } from 'socket.io'
import type { RealtimeServer } from '../connection.ts'
import type { WithConfig, WithRealtimeMetrics } from '../deps.ts'
import type { Connection, WithAddressAdmission } from './address-admission.ts'
import type { WithAdmission } from './admission.ts'

const connectTimeoutMs = 10_000

type SocketServerDeps = Pick<HttpContext, 'health'> &
  WithAddressAdmission &
  WithAdmission &
  WithConfig &
  WithRealtimeMetrics

/** A connection of Engine.IO as it begins. */
type RawConnection = Connection & { request: IncomingMessage | null }

/**
 * Socket.IO on an HTTP server: WebSocket only, nothing compressed, so that a frame is encoded once
 * for everyone who gets it.
 */
export function createSocketServer(
  http: HttpServer,
  { health, config, admission, addressAdmission, realtimeMetrics }: SocketServerDeps,
): RealtimeServer {
  const io: RealtimeServer = new Server(http, {
    transports: ['websocket'],
    serveClient: false,
    perMessageDeflate: false,
    httpCompression: false,
    maxHttpBufferSize: maxPacketBytes,
    connectTimeout: connectTimeoutMs,
    allowRequest(request, decide) {
      if (!health.isServing) return decide('The service is starting or stopping', false)
      // Engine.IO never sees a shed connection: it keeps nothing of a request until `decide`.
      const addressMs = addressAdmission.admit(request)
      if (addressMs !== null) {
        realtimeMetrics.shed.inc({ reason: 'address' })
        return rejectUpgrade(request, addressMs)
      }
      const retryAfterMs = admission.admit({ isSeldom: addressAdmission.isSeldom(request) })
      if (retryAfterMs === null) return decide(null, true)
      addressAdmission.refund(request)
      realtimeMetrics.shed.inc({ reason: 'crowd' })
      rejectUpgrade(request, retryAfterMs)
    },
  })
  io.engine.on('connection', createPacketLimit(config.RATE_LIMIT_SCALE))
  io.engine.on('connection', (connection: RawConnection) => {
    if (connection.request) addressAdmission.track(connection, connection.request)
    // Engine.IO would keep the request, headers and all, for the life of the connection.
    connection.request = null
  })
  return io
}

/** What packet counting uses of a connection of Engine.IO. */
interface PacketSource {
  on(event: 'data', listener: (this: PacketSource) => void): unknown
  close(discard: boolean): unknown
}

/** Packets a second of any kind: far above the rate limit of events. */
const perSecond = 500
const windowMs = 1000

/**
 * Ends connections that flood the server with what never becomes an event, such as joining
 * namespaces that do not exist. `scale` multiplies the limit.
 */
function createPacketLimit(scale: number): (connection: PacketSource) => void {
  const windows = new WeakMap<PacketSource, { since: number; packets: number }>()

  function count(this: PacketSource) {
    const now = performance.now()
    const current = windows.get(this)
    if (!current || now - current.since > windowMs) windows.set(this, { since: now, packets: 1 })
    else if (current.packets < perSecond * scale) current.packets += 1
    else this.close(true)
  }
  return (connection) => void connection.on('data', count)
}

/** RFC 6455 §1.3. */
const acceptSuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
/** How long a rejected client may keep the socket open, in milliseconds. */
const patienceMs = 2000

/**
 * Sheds a connection: accepts the WebSocket, sends a `goodbye` with Retry-After and closes, all in
 * one write. Only so does a Socket.IO client learn when to reconnect.
 */
function rejectUpgrade({ socket, headers }: IncomingMessage, retryAfterMs: number): void {
  const accept = createHash('sha1').update(`${headers['sec-websocket-key']}${acceptSuffix}`).digest('base64')
  const head = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`
  const timer = setTimeout(() => socket.destroy(), patienceMs)
  socket.once('close', () => clearTimeout(timer))
  socket.on('error', () => socket.destroy())
  socket.end(head + drainNoticeFrames({ retryAfterMs }), 'latin1')
  // Closing a connection with data unread resets it, and the client may then not read the notice.
  socket.resume()
}
