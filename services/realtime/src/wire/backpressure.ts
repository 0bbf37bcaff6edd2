import type { RealtimeSocket } from '../connection.ts'
import type { Frame } from './frame.ts'
import { waitingBytes } from './waiting-bytes.ts'

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
  const { wire } = data
  if (wire === null || wire.readyState !== open || conn.readyState !== 'open') return 'dropped'
  const waiting = waitingBytes(socket)
  if (waiting > fleetingLimit) {
    if (isFleeting) return 'dropped'
    if (waiting > durableLimit) return 'behind'
  }
  if (conn['writeBuffer'].length === 0) wire._sender.sendFrame(frame.list)
  else conn.write('', frame.options)
  return 'written'
}

/** Whether so much waits for this socket that only a standstill explains it, if it lasts. */
export const isBehind = (socket: RealtimeSocket) => waitingBytes(socket) > fleetingLimit

/** Whether so much waits for this socket that nothing more may be added. */
export const isFull = (socket: RealtimeSocket) => waitingBytes(socket) > durableLimit
