import type { RealtimeServer, RealtimeSocket } from '../connection.ts'
import { closeSlowSocket, writeFrame } from './backpressure.ts'
import type { Frame } from './frame.ts'

/** Sockets of a person's own devices. */
export const userRoom = (userId: string) => `u:${userId}`

const conversationPrefix = 'c:'

/** Sockets of a conversation's participants on this node. */
export const conversationRoom = (conversationId: string) => `${conversationPrefix}${conversationId}`

/** The conversation of a room; undefined for any other room. */
export const conversationOf = (room: string) =>
  room.startsWith(conversationPrefix) ? room.slice(conversationPrefix.length) : undefined

/** Sockets on this node that watch a person's presence. */
export const watchRoom = (userId: string) => `w:${userId}`

export interface EmitOptions {
  /** Dropped for sockets that are slow. */
  isFleeting?: boolean
  /** Only to those for whom this holds. */
  onlyTo?: (socket: RealtimeSocket) => boolean
}

/** Writes a frame to every socket of a room on this node. Returns how many got it. */
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
    if (writeOrClose(socket, frame, isFleeting)) written += 1
  }
  return written
}

/** Writes a frame once to every socket that is in any of these rooms. */
export function emitToRooms(
  io: RealtimeServer,
  rooms: readonly string[],
  frame: Frame,
  { onlyTo }: Pick<EmitOptions, 'onlyTo'> = {},
): number {
  const { sockets, adapter } = io.sockets
  const ids = new Set(rooms.flatMap((room) => [...(adapter.rooms.get(room) ?? [])]))
  let written = 0
  for (const id of ids) {
    const socket = sockets.get(id)
    if (socket && (!onlyTo || onlyTo(socket)) && writeOrClose(socket, frame)) written += 1
  }
  return written
}

/** The sockets of a room on this node, as of now. */
export function socketsIn(io: RealtimeServer, room: string): RealtimeSocket[] {
  const ids = io.sockets.adapter.rooms.get(room)
  if (!ids) return []
  return [...ids].flatMap((id) => io.sockets.sockets.get(id) ?? [])
}

/** Writes a frame, or closes a socket that cannot take more. Returns whether it was written. */
function writeOrClose(socket: RealtimeSocket, frame: Frame, isFleeting = false): boolean {
  const outcome = writeFrame(socket, frame, isFleeting)
  if (outcome === 'behind') closeSlowSocket(socket)
  return outcome === 'written'
}
