import type { RealtimeSocket } from '../connection.ts'
import type { RealtimeContext } from '../context.ts'
import { watchRoom } from '../rooms.ts'
import { emitToRoom } from '../wire/emit-to-room.ts'
import { encodeFrame, joinFrames } from '../wire/encode-frame.ts'
import { writeFrame } from '../wire/write-frame.ts'
import { type Standing, toPresence } from './standing.ts'

/** How frames about people reach those who watch them. */
export interface Telling {
  /** To everyone here who watches this person. */
  everyone(userId: string, standing: Standing): void
  /** To one socket, in one write. */
  one(
    socket: RealtimeSocket,
    people: readonly (readonly [userId: string, standing: Pick<Standing, 'status' | 'lastSeenAt'>])[],
  ): void
}

export function createTelling(
  { io, figures }: Pick<RealtimeContext, 'io' | 'figures'>,
  showsLastSeen: (watcherId: string, userId: string) => boolean,
): Telling {
  const count = (frames: number) => figures.frames.inc({ event: 'presence' }, frames)
  return {
    everyone(userId, standing) {
      standing.tellings += 1
      figures.presence.inc({ status: standing.status ?? 'unknown' })
      // Two frames only where what is shown differs.
      const variants = standing.status === 'offline' && standing.lastSeenAt !== null ? [true, false] : [false]
      for (const isShown of variants) {
        const mayHear = ({ data }: RealtimeSocket) => showsLastSeen(data.userId, userId) === isShown
        const options = variants.length > 1 ? { isFleeting: true, onlyTo: mayHear } : { isFleeting: true }
        count(emitToRoom(io, watchRoom(userId), toFrame(userId, standing, isShown), options))
      }
    },
    one(socket, people) {
      const frames = people.map(([userId, standing]) =>
        toFrame(userId, standing, showsLastSeen(socket.data.userId, userId)),
      )
      if (frames.length === 0) return
      writeFrame(socket, joinFrames(frames), true)
      count(frames.length)
    },
  }
}

const toFrame = (...told: Parameters<typeof toPresence>) =>
  encodeFrame('presence', JSON.stringify(toPresence(...told)))
