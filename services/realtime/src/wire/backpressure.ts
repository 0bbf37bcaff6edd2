import type { RealtimeSocket } from '../connection.ts'
import { encodeFrame, type Frame } from './frame.ts'

/**
 * Backpressure: bounds the bytes that wait for a slow socket.
 *
 * Promises: a client that does not read costs at most `durableLimit` of memory, and never delays
 * others. It loses no durable event silently: it gets a resync, and syncs anyway after it
 * reconnects.
 *
 * Procedure: each write looks at the bytes that wait, in the WebSocket and in Engine.IO's queue.
 * Above `fleetingLimit` fleeting frames (typing, markers, presence) are dropped. Above
 * `durableLimit` the socket is closed. A socket that stays above `fleetingLimit` for 10 s is closed
 * by the sweep (`connect/close-sockets.ts`).
 *
 * Never: queues frames of its own, waits for a socket to drain, or reorders what is written to one
 * socket.
 *
 * Called by all that writes to sockets: rooms, presence, and the dispatch of client events before
 * it acknowledges.
 */

/** With more bytes than this waiting, fleeting frames are dropped. */
const fleetingLimit = 64 * 1024
/** With more than this waiting, a reconnect and a sync are cheaper. */
const durableLimit = 1024 * 1024
const open = 1

export type Written = 'written' | 'dropped' | 'behind'

/**
 * Writes an encoded frame to one socket, in order with what Socket.IO writes to it. While
 * Engine.IO's queue is empty it is bypassed: 10 instead of 16 µs a frame, and delivery is nearly
 * all the work of this service.
 */
export function writeFrame(socket: RealtimeSocket, frame: Frame, isFleeting = false): Written {
  const { conn, data } = socket
  const { webSocket } = data
  if (webSocket === null || webSocket.readyState !== open || conn.readyState !== 'open') return 'dropped'
  const waiting = waitingBytes(socket)
  if (waiting > fleetingLimit) {
    if (isFleeting) return 'dropped'
    if (waiting > durableLimit) return 'behind'
  }
  if (conn['writeBuffer'].length === 0) webSocket._sender.sendFrame(frame.list)
  else conn.write('', frame.options)
  return 'written'
}

/** Whether the client is not reading, if this lasts. */
export const isSlow = (socket: RealtimeSocket) => waitingBytes(socket) > fleetingLimit

/** Whether nothing more may be written to this socket. */
export const isFull = (socket: RealtimeSocket) => waitingBytes(socket) > durableLimit

/** What the size of a packet in Engine.IO's queue depends on. */
interface Queued {
  data?: unknown
  options?: { wsPreEncodedFrame?: readonly Buffer[] }
}

/** Bytes that wait for a socket: in the WebSocket, and in Engine.IO's queue in front of it. */
export function waitingBytes({ conn, data: { webSocket } }: RealtimeSocket): number {
  let bytes = webSocket?.bufferedAmount ?? 0
  // Empty for a client that reads.
  for (const packet of conn['writeBuffer'] as readonly Queued[]) bytes += sizeOf(packet)
  return bytes
}

function sizeOf({ data, options }: Queued): number {
  const [frame] = options?.wsPreEncodedFrame ?? []
  if (frame) return frame.length
  return typeof data === 'string' || Buffer.isBuffer(data) ? data.length : 0
}

const resync = encodeFrame('resync', JSON.stringify({ reason: 'This connection was too slow' }))

/** Closes a socket that cannot keep up, after a `resync`. It leaves all rooms at once. */
export function closeSlowSocket({ conn, data }: RealtimeSocket): void {
  data.wasTooSlow = true
  data.webSocket?._sender.sendFrame(resync.list)
  conn.close(true)
}
