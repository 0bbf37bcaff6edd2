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

type Needs = Pick<RealtimeContext, 'io' | 'figures'>

export function createWatchedPresence({ io, figures }: Needs, leases: LeaseBook): WatchedPresence {
  /** How everyone stands who is watched here, as it was last told; undefined while that is not known. */
  const known = new Map<string, PresenceStatus | undefined>()
  const isWatched = (userId: string) => io.sockets.adapter.rooms.has(watchRoom(userId))

  const tell = (userId: string, status: PresenceStatus) => {
    if (!isWatched(userId)) return void known.delete(userId)
    if (known.get(userId) === status) return
    known.set(userId, status)
    const written = emitToRoom(io, watchRoom(userId), toFrame(userId, status), { isFleeting: true })
    figures.frames.inc({ event: 'presence' }, written)
  }
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
      for (const userId of fresh) if (!known.has(userId)) known.set(userId, undefined)
      const people = await readStatuses(leases, userIds)
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
      for (const { userId, status } of await readStatuses(leases, [...known.keys()])) tell(userId, status)
    },
  }
}

const toFrame = (userId: string, status: PresenceStatus) =>
  encodeFrame('presence', JSON.stringify({ userId, status, lastSeenAt: null }))

/** Unknown is not offline: of whom that is not known, nothing is said. */
async function readStatuses(leases: LeaseBook, userIds: readonly string[]) {
  const answers = await Promise.allSettled(userIds.map((userId) => leases.read(userId)))
  return userIds.flatMap((userId, i) => {
    const answer = answers[i]
    const status = answer?.status === 'fulfilled' ? answer.value : undefined
    return status === undefined ? [] : [{ userId, status }]
  })
}
