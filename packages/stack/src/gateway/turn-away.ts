import { createHash } from 'node:crypto'
import {
  connectionsPerSecond,
  createComebacks,
  longestComebackMs,
  promisedShare,
  refusalFrames,
} from '@finnigram/contracts'
import { refuseUpgrade, type Upgrade } from './give-connection.ts'

/** RFC 6455 §1.3. */
const acceptSuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
/** A client that does not hang up after this is hung up on, in milliseconds. */
const patienceMs = 2_000
/** A node that has just died is back after about this time, in milliseconds. */
const soonestMs = 3_500

/**
 * Refuses WebSockets that no node can take at this moment: each client is told a moment of its own to come back at, as
 * many a second as `nodes` nodes take up. Thousands that lost theirs would else ask again and again until it is back.
 */
export function createTurnAway(nodes: number): (upgrade: Upgrade) => void {
  const perSecond = connectionsPerSecond * promisedShare * nodes
  const takeComeback = createComebacks({ perSecond, soonestMs, longestMs: longestComebackMs })
  return (upgrade) => {
    if (upgrade.request.headers['sec-websocket-key']) sayWhen(upgrade, takeComeback())
    else refuseUpgrade(upgrade.socket, '503 Service Unavailable', 'Retry-After: 1\r\n')
  }
}

function sayWhen({ request, socket }: Upgrade, retryAfterMs: number): void {
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}${acceptSuffix}`)
    .digest('base64')
  const head = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`
  const timer = setTimeout(() => socket.destroy(), patienceMs)
  socket.once('close', () => clearTimeout(timer))
  socket.end(head + refusalFrames({ code: 'unavailable', retryAfterMs }), 'latin1')
  // Closing a connection with data unread resets it, and the client may then not read what it was told.
  socket.resume()
}
