import { createHash } from 'node:crypto'
import { goodbyeFrames } from '@finnigram/admission'
import { refuseUpgrade, type Upgrade } from './give-connection.ts'

/** RFC 6455 §1.3. */
const acceptSuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
/** A client that does not hang up after this is hung up on, in milliseconds. */
const patienceMs = 2_000
/** Refuses a WebSocket that no node can take at this moment; the client is told when to come back. */
export function turnAway(upgrade: Upgrade, retryAfterMs: number): void {
  if (upgrade.request.headers['sec-websocket-key']) sayWhen(upgrade, retryAfterMs)
  else refuseUpgrade(upgrade.socket, '503 Service Unavailable', 'Retry-After: 1\r\n')
}

function sayWhen({ request, socket }: Upgrade, retryAfterMs: number): void {
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}${acceptSuffix}`)
    .digest('base64')
  const head = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`
  const timer = setTimeout(() => socket.destroy(), patienceMs)
  socket.once('close', () => clearTimeout(timer))
  socket.end(head + goodbyeFrames({ retryAfterMs }), 'latin1')
  // Closing a connection with data unread resets it, and the client may then not read what it was told.
  socket.resume()
}
