import type { RealtimeSocket } from '../connection.ts'
import type { Frame } from './frame.ts'
import { encodeFrame } from './frame.ts'

/** With more bytes than this waiting, what is fleeting is dropped. */
const fleetingLimit = 64 * 1024
/** With more than this waiting, the client is better off to reconnect and sync. */
const durableLimit = 1024 * 1024
const open = 1

export type Written = 'written' | 'dropped' | 'behind'

/**
 * Writes encoded bytes to one socket, in order with whatever Socket.IO writes to it. Past Engine.IO's queue and its six
 * events a frame, where that queue is empty: 10 instead of 16 µs each, and delivery is nearly all this server does.
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

/** Whether so much waits for this socket that only a standstill explains it, if it lasts. */
export const isSlow = (socket: RealtimeSocket) => waitingBytes(socket) > fleetingLimit

/** Whether so much waits for this socket that nothing more may be added. */
export const isFull = (socket: RealtimeSocket) => waitingBytes(socket) > durableLimit

/** A packet in Engine.IO's queue, as far as its size goes. */
interface Queued {
  data?: unknown
  options?: { wsPreEncodedFrame?: readonly Buffer[] }
}

/** Bytes that wait for a socket: in the WebSocket, and in the queue that Engine.IO keeps while that takes no more. */
export function waitingBytes({ conn, data: { webSocket } }: RealtimeSocket): number {
  let bytes = webSocket?.bufferedAmount ?? 0
  // Empty for everyone who reads.
  for (const packet of conn['writeBuffer'] as readonly Queued[]) bytes += sizeOf(packet)
  return bytes
}

function sizeOf({ data, options }: Queued): number {
  const [frame] = options?.wsPreEncodedFrame ?? []
  if (frame) return frame.length
  return typeof data === 'string' || Buffer.isBuffer(data) ? data.length : 0
}

const resync = encodeFrame('resync', JSON.stringify({ reason: 'This connection was too slow' }))

/** Lets go of a socket that cannot keep up: told to sync, if it ever reads that, and out of all rooms at once. */
export function closeSlowSocket({ conn, data }: RealtimeSocket): void {
  data.wasTooSlow = true
  data.webSocket?._sender.sendFrame(resync.list)
  conn.close(true)
}
