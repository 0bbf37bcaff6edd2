import type { RealtimeSocket } from '../connection.ts'

/** A packet in Engine.IO's queue, as far as its size goes. */
interface Queued {
  data?: unknown
  options?: { wsPreEncodedFrame?: readonly Buffer[] }
}

/** Bytes that wait for a socket: in the WebSocket, and in the queue that Engine.IO keeps while that takes no more. */
export function waitingBytes({ conn, data: { wire } }: RealtimeSocket): number {
  let bytes = wire?.bufferedAmount ?? 0
  // Empty for everyone who reads.
  for (const packet of conn['writeBuffer'] as readonly Queued[]) bytes += sizeOf(packet)
  return bytes
}

function sizeOf({ data, options }: Queued): number {
  const [frame] = options?.wsPreEncodedFrame ?? []
  if (frame) return frame.length
  return typeof data === 'string' || Buffer.isBuffer(data) ? data.length : 0
}
