import type { ServerEventData } from '@finnigram/contracts'
import type { RealtimeSocket } from '../connection.ts'
import type { RealtimeContext } from '../context.ts'
import { writeFrame } from '../wire/backpressure.ts'
import { encodeFrame, joinFrames } from '../wire/frame.ts'
import { emitToRoom, watchRoom } from '../wire/rooms.ts'
import type { PresenceStatus } from './presence-leases.ts'

/** How frames about people reach those who watch them. */
export interface Telling {
  /** To everyone here who watches this person and may know when they come and go. To the others, even a frame that says nothing would tell a time. */
  everyone(userId: string, standing: Standing): void
  /** To one socket, in one write. */
  one(
    socket: RealtimeSocket,
    people: readonly (readonly [userId: string, standing: Pick<Standing, 'status' | 'lastSeenAt'>])[],
  ): void
}

export function createTelling(
  { io, figures }: Pick<RealtimeContext, 'io' | 'figures'>,
  mayHear: (watcherId: string, userId: string) => boolean,
): Telling {
  const count = (frames: number) => figures.frames.inc({ event: 'presence' }, frames)
  return {
    everyone(userId, standing) {
      standing.tellings += 1
      figures.presence.inc({ status: standing.status ?? 'unknown' })
      const onlyTo = ({ data }: RealtimeSocket) => mayHear(data.userId, userId)
      const frame = toFrame(userId, standing)
      count(emitToRoom(io, watchRoom(userId), frame, { isFleeting: true, onlyTo }))
    },
    one(socket, people) {
      const frames = people.map(([userId, standing]) => toFrame(userId, standing))
      if (frames.length === 0) return
      writeFrame(socket, joinFrames(frames), true)
      count(frames.length)
    },
  }
}

const toFrame = (...told: Parameters<typeof toPresence>) =>
  encodeFrame('presence', JSON.stringify(toPresence(...told)))

/** How someone stands who is watched here. */
export interface Standing {
  /** Undefined while it is not known. */
  status: PresenceStatus | undefined
  /** Somebody who watches was told nothing, since it could not be read: the next answer is for all. */
  isOwed: boolean
  lastSeenAt: string | null
  /** How often everyone who watches was told: whoever watched before the last time knows. */
  tellings: number
}

/** As it is told. What is not known is `unknown`, never `offline`. */
const toPresence = (
  userId: string,
  { status, lastSeenAt }: Pick<Standing, 'status' | 'lastSeenAt'>,
): ServerEventData['presence'] => ({
  userId,
  status: status ?? 'unknown',
  lastSeenAt: status === 'offline' ? lastSeenAt : null,
})

/** Times in one format order as text. */
export const later = (a: string | null, b: string | null) => (a === null || (b !== null && b > a) ? b : a)
