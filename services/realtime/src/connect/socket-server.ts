import { createHash } from 'node:crypto'
import type { Server as HttpServer, IncomingMessage } from 'node:http'
import { goodbyeFrames, maxPacketBytes } from '@finnigram/contracts'
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

/** Socket.IO on an HTTP server: WebSocket only, nothing compressed, so that a frame is encoded once for everyone who gets it. */
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
      // Engine.IO is told nothing of who is turned away: it keeps nothing of a request that it was not yet told to take.
      const strangerMs = addressAdmission.admit(request)
      if (strangerMs !== null) {
        realtimeMetrics.shed.inc({ reason: 'address' })
        return rejectUpgrade(request, strangerMs)
      }
      const crowdMs = admission.admit({ isSeldom: addressAdmission.isSeldom(request) })
      if (crowdMs === null) return decide(null, true)
      addressAdmission.refund(request)
      realtimeMetrics.shed.inc({ reason: 'crowd' })
      rejectUpgrade(request, crowdMs)
    },
  })
  io.engine.on('connection', createPacketLimit(config.RATE_LIMIT_SCALE))
  io.engine.on('connection', (connection: RawConnection) => {
    if (connection.request) addressAdmission.track(connection, connection.request)
    // Every connection would keep the request it began with, headers and all.
    connection.request = null
  })
  return io
}

/** A connection of Engine.IO, as far as it is counted. */
interface PacketSource {
  on(event: 'data', listener: (this: PacketSource) => void): unknown
  close(discard: boolean): unknown
}

/** Packets a second, whatever they are: far above what the limit of events allows. */
const perSecond = 500
const windowMs = 1000

/**
 * Ends connections that flood the server with what never becomes an event, such as joining namespaces that do not
 * exist. `scale` multiplies the limit.
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
/** A client that does not hang up after this is hung up on, in milliseconds. */
const patienceMs = 2000

/** Says goodbye on a WebSocket before anything is known of it but its request: one write, with all it takes for a Socket.IO client to hear when to come back. */
function rejectUpgrade({ socket, headers }: IncomingMessage, retryAfterMs: number): void {
  const accept = createHash('sha1').update(`${headers['sec-websocket-key']}${acceptSuffix}`).digest('base64')
  const head = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`
  const timer = setTimeout(() => socket.destroy(), patienceMs)
  socket.once('close', () => clearTimeout(timer))
  socket.on('error', () => socket.destroy())
  socket.end(head + goodbyeFrames({ retryAfterMs }), 'latin1')
  // Closing a connection with data unread resets it, and the client may then not read what it was told.
  socket.resume()
}
