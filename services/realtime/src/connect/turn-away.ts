import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { goodbyeFrames } from '@finnigram/admission'

/** RFC 6455 §1.3. */
const acceptSuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
/** A client that does not hang up after this is hung up on, in milliseconds. */
const patienceMs = 2000

/** Says goodbye on a WebSocket before anything is known of it but its request: one write, with all it takes for a Socket.IO client to hear when to come back. */
export function turnAway({ socket, headers }: IncomingMessage, retryAfterMs: number): void {
  const accept = createHash('sha1').update(`${headers['sec-websocket-key']}${acceptSuffix}`).digest('base64')
  const head = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`
  const timer = setTimeout(() => socket.destroy(), patienceMs)
  socket.once('close', () => clearTimeout(timer))
  socket.on('error', () => socket.destroy())
  socket.end(head + goodbyeFrames({ retryAfterMs }), 'latin1')
  // Closing a connection with data unread resets it, and the client may then not read what it was told.
  socket.resume()
}
