import { maxWatched, type ServerEventData } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'
import type { RealtimeSocket } from '../connection.ts'
import type { RealtimeContext } from '../context.ts'
import { watchRoom } from '../rooms.ts'
import { emitToRoom } from '../wire/emit-to-room.ts'
import { encodeFrame, joinFrames } from '../wire/encode-frame.ts'
import { writeFrame } from '../wire/write-frame.ts'
import type { LeaseBook, PresenceStatus } from './lease-book.ts'

/** Tells those who watch someone how that person stands. */
export interface WatchedPresence {
  /** From now on the socket hears of these people; begins with how they stand, unless that is not known. */
  watch(socket: RealtimeSocket, userIds: readonly string[]): Promise<void>
  unwatch(socket: RealtimeSocket, userIds: readonly string[]): void
  /** A node published a change. */
  hear(presence: ServerEventData['presence']): void
  /** Looks at everyone who is watched: a lease that ended says nothing by itself. */
  review(): Promise<void>
}

type Needs = Pick<RealtimeContext, 'io' | 'redis' | 'figures' | 'log'>

export function createWatchedPresence(
  { io, redis, figures, log }: Needs,
  leases: LeaseBook,
): WatchedPresence {
  /** How everyone stands who is watched here, as it was last told. */
  const known = new Map<string, PresenceStatus>()
  const isWatched = (userId: string) => io.sockets.adapter.rooms.has(watchRoom(userId))

  const tell = (userId: string, status: PresenceStatus) => {
    if (!isWatched(userId)) return void known.delete(userId)
    if (known.get(userId) === status) return
    known.set(userId, status)
    const written = emitToRoom(io, watchRoom(userId), toFrame(userId, status), { isFleeting: true })
    figures.frames.inc({ event: 'presence' }, written)
  }
  /** Unknown is not offline: where Redis does not answer, nothing is said. */
  const read = async (userId: string) => {
    try {
      return { userId, status: await leases.read(userId) }
    } catch (error) {
      log.debug('A presence could not be read', { error })
      return undefined
    }
  }
  const readAll = async (userIds: readonly string[]) =>
    redis.isUp ? (await Promise.all(userIds.map(read))).filter((one) => one !== undefined) : []

  return {
    async watch(socket, userIds) {
      const fresh = [...new Set(userIds)].filter((userId) => !socket.rooms.has(watchRoom(userId)))
      if (socket.data.watching + fresh.length > maxWatched) {
        throw new AppError('validation_failed', {
          errors: [{ path: 'data.userIds', message: `At most ${maxWatched} people at a time` }],
        })
      }
      socket.data.watching += fresh.length
      socket.join(fresh.map(watchRoom))
      const people = await readAll(userIds)
      const asTold = people.filter(({ userId, status }) => known.get(userId) === status)
      for (const { userId, status } of people) tell(userId, status)
      if (asTold.length === 0) return
      writeFrame(socket, joinFrames(asTold.map(({ userId, status }) => toFrame(userId, status))), true)
    },
    unwatch(socket, userIds) {
      const watched = [...new Set(userIds)].filter((userId) => socket.rooms.has(watchRoom(userId)))
      socket.data.watching -= watched.length
      for (const userId of watched) socket.leave(watchRoom(userId))
    },
    hear: ({ userId, status }) => tell(userId, status),
    async review() {
      for (const userId of known.keys()) if (!isWatched(userId)) known.delete(userId)
      for (const { userId, status } of await readAll([...known.keys()])) tell(userId, status)
    },
  }
}

const toFrame = (userId: string, status: PresenceStatus) =>
  encodeFrame('presence', JSON.stringify({ userId, status, lastSeenAt: null }))
