import type { RealtimeServer, RealtimeSocket } from '../connection.ts'
import { closeBehind } from './close-behind.ts'
import type { Frame } from './encode-frame.ts'
import { writeFrame } from './write-frame.ts'

export interface EmitOptions {
  /** Dropped for sockets that are slow. */
  isFleeting?: boolean
  /** Only to those for whom this holds. */
  onlyTo?: (socket: RealtimeSocket) => boolean
}

/** Writes a frame to every socket of a room on this node; how many got it. */
export function emitToRoom(
  io: RealtimeServer,
  room: string,
  frame: Frame,
  { isFleeting = false, onlyTo }: EmitOptions = {},
): number {
  const { sockets, adapter } = io.sockets
  const ids = adapter.rooms.get(room)
  if (!ids) return 0
  let written = 0
  for (const id of ids) {
    const socket = sockets.get(id)
    if (!socket || (onlyTo && !onlyTo(socket))) continue
    const outcome = writeFrame(socket, frame, isFleeting)
    if (outcome === 'written') written += 1
    else if (outcome === 'behind') closeBehind(socket)
  }
  return written
}

/** The sockets of a room on this node, as of now. */
export function socketsIn(io: RealtimeServer, room: string): RealtimeSocket[] {
  const ids = io.sockets.adapter.rooms.get(room)
  if (!ids) return []
  return [...ids].flatMap((id) => io.sockets.sockets.get(id) ?? [])
}
