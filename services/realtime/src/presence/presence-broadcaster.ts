import type { ServerEventData } from '@finnigram/contracts'
import type { RealtimeSocket } from '../connection.ts'
import type { WithIo, WithRealtimeMetrics } from '../deps.ts'
import { writeFrame } from '../wire/backpressure.ts'
import { encodeFrame, joinFrames } from '../wire/frame.ts'
import { emitToRoom, watchRoom } from '../wire/rooms.ts'
import type { PresenceStatus } from './presence-leases.ts'

/** Emits presence frames to watchers. */
export interface PresenceBroadcaster {
  /**
   * To all watchers on this node who may see the person. To others even an empty frame would tell a
   * time.
   */
  toWatchers(userId: string, entry: WatchedStatus): void
  /** To one socket, in one write. */
  toSocket(
    socket: RealtimeSocket,
    people: readonly (readonly [userId: string, entry: Pick<WatchedStatus, 'status' | 'lastSeenAt'>])[],
  ): void
}

export function createPresenceBroadcaster(
  { io, realtimeMetrics }: WithIo & WithRealtimeMetrics,
  maySee: (watcherId: string, userId: string) => boolean,
): PresenceBroadcaster {
  const count = (frames: number) => realtimeMetrics.frames.inc({ event: 'presence' }, frames)
  return {
    toWatchers(userId, entry) {
      entry.broadcasts += 1
      realtimeMetrics.presence.inc({ status: entry.status ?? 'unknown' })
      const onlyTo = ({ data }: RealtimeSocket) => maySee(data.userId, userId)
      const frame = toFrame(userId, entry)
      count(emitToRoom(io, watchRoom(userId), frame, { isFleeting: true, onlyTo }))
    },
    toSocket(socket, people) {
      const frames = people.map(([userId, entry]) => toFrame(userId, entry))
      if (frames.length === 0) return
      writeFrame(socket, joinFrames(frames), true)
      count(frames.length)
    },
  }
}

const toFrame = (...status: Parameters<typeof toPresence>) =>
  encodeFrame('presence', JSON.stringify(toPresence(...status)))

/** Status of a person who is watched here. */
export interface WatchedStatus {
  /** Undefined while unknown. */
  status: PresenceStatus | undefined
  /** A watcher got nothing because it could not be read: the next status goes to all watchers. */
  isPending: boolean
  lastSeenAt: string | null
  /** Number of broadcasts to all watchers, by which a read notices that one came between. */
  broadcasts: number
}

/** A status as it is emitted. What is not known is `unknown`, never `offline`. */
const toPresence = (
  userId: string,
  { status, lastSeenAt }: Pick<WatchedStatus, 'status' | 'lastSeenAt'>,
): ServerEventData['presence'] => ({
  userId,
  status: status ?? 'unknown',
  lastSeenAt: status === 'offline' ? lastSeenAt : null,
})

/** The later of two times; in one format they order as text. */
export const later = (a: string | null, b: string | null) => (a === null || (b !== null && b > a) ? b : a)
