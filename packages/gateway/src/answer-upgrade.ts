import { createHash } from 'node:crypto'
import { type ConnectionAdmission, drainNoticeFrames } from '@finnigram/admission'
import type { Bounds } from './bounds.ts'
import { clientAddress, requestIdOf } from './forwarded-headers.ts'
import type { GatewayMetrics } from './metrics.ts'
import type { Connections } from './open-server.ts'
import { rejectWithStatus, sendSocket, type Upgrade } from './send-socket.ts'
import type { UpstreamPool } from './upstream-pool.ts'

/** What answering an upgrade needs of the gateway. */
export interface UpgradeDeps {
  trustProxy: boolean
  /** Undefined until the services are connected. */
  backend: { realtime: UpstreamPool } | undefined
  bounds: Pick<
    Bounds,
    | 'takeUnauthenticatedSocket'
    | 'returnUnauthenticatedSocket'
    | 'resetUnauthenticatedSockets'
    | 'isInfrequent'
  >
  /** Token bucket for new sockets of all nodes together. */
  admission: ConnectionAdmission
  metrics: Pick<GatewayMetrics, 'refused' | 'handshakes'>
  connections: Connections
}

/**
 * Hands a new socket to a realtime node if it is admitted, and sheds it otherwise with a moment to
 * come back at.
 *
 * A socket that has not shown a good token yet takes two places: one of its address, one of all
 * addresses. The node reports the outcome of the handshake. After a good token the address gets its
 * place back; after a refused one everybody gets theirs back, and the address pays.
 */
export function answerUpgrade(deps: UpgradeDeps, upgrade: Upgrade): void {
  const { socket } = upgrade
  socket.on('error', () => socket.destroy())
  const retryAfterMs = admit(deps, upgrade)
  if (retryAfterMs === null) deps.connections.release(socket)
  else rejectUpgrade(upgrade, retryAfterMs)
}

/** Null where a node has got the socket, otherwise a retry-after in milliseconds. */
function admit(deps: UpgradeDeps, upgrade: Upgrade): number | null {
  const { backend, bounds, admission, metrics, trustProxy } = deps
  if (!backend) return admission.nextRetryMs()
  const address = clientAddress(upgrade.request, trustProxy)
  const addressWaitMs = bounds.takeUnauthenticatedSocket(address)
  if (addressWaitMs !== null) return addressWaitMs
  const admissionWaitMs = admission.admit({ isSeldom: bounds.isInfrequent(address) })
  if (admissionWaitMs !== null) {
    metrics.refused.inc({ bound: 'new sockets' })
    bounds.returnUnauthenticatedSocket(address)
    return admissionWaitMs
  }
  const isSent = sendSocket(upgrade, backend.realtime, {
    requestId: requestIdOf(upgrade.request),
    trustProxy,
    address,
    onLost() {
      admission.setRate()
      bounds.resetUnauthenticatedSockets()
    },
    onHandshake(from, outcome) {
      metrics.handshakes.inc({ outcome })
      // A socket without a good token, or too many of them, took nobody's place: its address pays.
      if (outcome === 'refused' || outcome === 'limited') admission.giveBack()
      else bounds.returnUnauthenticatedSocket(from)
    },
  })
  if (isSent) return null
  metrics.refused.inc({ bound: 'sockets for which no node has room' })
  bounds.returnUnauthenticatedSocket(address)
  return admission.nextRetryMs()
}

/** RFC 6455 §1.3. */
const acceptSuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
/** A rejected client that has not closed by then is disconnected, in milliseconds. */
const closeTimeoutMs = 2_000

/**
 * Rejects an upgrade that no node can take now, with a retry-after where the client speaks
 * WebSocket.
 */
function rejectUpgrade(upgrade: Upgrade, retryAfterMs: number): void {
  if (upgrade.request.headers['sec-websocket-key']) sendDrainNotice(upgrade, retryAfterMs)
  else rejectWithStatus(upgrade.socket, '503 Service Unavailable', 'Retry-After: 1\r\n')
}

/**
 * Accepts the WebSocket only to send the drain notice: browsers hide the answer to a refused one.
 */
function sendDrainNotice({ request, socket }: Upgrade, retryAfterMs: number): void {
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}${acceptSuffix}`)
    .digest('base64')
  const head = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`
  const timer = setTimeout(() => socket.destroy(), closeTimeoutMs)
  socket.once('close', () => clearTimeout(timer))
  socket.end(head + drainNoticeFrames({ retryAfterMs }), 'latin1')
  // Closing with unread data resets the connection, and the client may miss the notice.
  socket.resume()
}
