import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { type HandshakeError, maxPacketBytes } from '@finnigram/contracts'
import { encodeText } from '../wire/encode-frame.ts'

/** RFC 6455 §1.3. */
const acceptSuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
/** Engine.IO's first packet. The session is never used. */
const open = encodeText(
  `0${JSON.stringify({ sid: 'none', upgrades: [], pingInterval: 25_000, pingTimeout: 20_000, maxPayload: maxPacketBytes })}`,
)
/** Close frame, 1013 "Try Again Later". */
const close = Buffer.from([0x88, 0x02, 0x03, 0xf5])
/** A client that does not hang up after this is hung up on, in milliseconds. */
const patienceMs = 2000

/**
 * Refuses a WebSocket before anything is known of it but its request: one write, with all it takes for a Socket.IO client
 * to hear when to come back. A plain HTTP refusal would be cheaper, but browsers show its status and headers to nobody.
 */
export function turnAway({ socket, headers }: IncomingMessage, retryAfterMs: number): void {
  const key = headers['sec-websocket-key'] ?? ''
  const accept = createHash('sha1')
    .update(key + acceptSuffix)
    .digest('base64')
  const head = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`
  const data: HandshakeError = { code: 'unavailable', retryAfterMs }
  const refusal = encodeText(`44${JSON.stringify({ message: data.code, data })}`)
  hangUp(socket, Buffer.concat([Buffer.from(head, 'latin1'), open, refusal, close]))
}

/** What the client still sends is read and thrown away: a connection that is closed with data unread is reset, and the client then may not read what it was told. */
function hangUp(socket: Socket, lastWords: Buffer): void {
  const timer = setTimeout(() => socket.destroy(), patienceMs)
  socket.once('close', () => clearTimeout(timer))
  socket.on('error', () => socket.destroy())
  socket.end(lastWords)
  socket.resume()
}
