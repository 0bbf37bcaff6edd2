import { maxWatched, type ServerEventData } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'
import type { RealtimeSocket } from '../connection.ts'
import type { RealtimeContext } from '../context.ts'
import { userRoom, watchRoom } from '../rooms.ts'
import { socketsIn } from '../wire/emit-to-room.ts'
import { createSights, type SightChange, type Sights } from './create-sights.ts'
import type { LeaseBook } from './lease-book.ts'
import { createStandings } from './standings.ts'

/** Tells those who watch someone, and may, how that person stands. */
export interface WatchedPresence {
  readonly sights: Sights
  /** From now on the socket hears of those of these people of whom it may; begins with how they stand, as soon as that is known. */
  watch(socket: RealtimeSocket, userIds: readonly string[]): Promise<void>
  unwatch(socket: RealtimeSocket, userIds: readonly string[]): void
  /** The socket is gone. */
  leave(socket: RealtimeSocket): void
  /** A node published a change. */
  hear(presence: ServerEventData['presence']): void
  /** Looks at everyone who is watched: a lease that ended says nothing by itself. */
  review(): Promise<void>
}

type Needs = Pick<RealtimeContext, 'io' | 'figures' | 'users' | 'log' | 'stopping'>

export function createWatchedPresence(ctx: Needs, leases: LeaseBook): WatchedPresence {
  const { io } = ctx
  const sights = createSights(ctx, (watcherId, changes) => follow(watcherId, changes))
  const standings = createStandings(ctx, {
    leases,
    showsLastSeen: (watcherId, userId) => sights.read(watcherId, userId)?.showsLastSeen === true,
  })
  /** Lets sockets into the rooms of those they watch, and tells them how these stand. */
  const show = (sockets: readonly RealtimeSocket[], userIds: readonly string[]) => {
    for (const socket of sockets) {
      const own = userIds.filter((userId) => socket.data.watched?.has(userId))
      socket.join(own.map(watchRoom))
    }
    return standings.tell(sockets, userIds)
  }
  const follow = (watcherId: string, changes: readonly SightChange[]) => {
    const sockets = socketsIn(io, userRoom(watcherId))
    for (const { targetId, lastSeenAt } of changes) standings.noteLastSeen(targetId, lastSeenAt)
    const appeared = changes.filter(({ before, after }) => after.isSeen && !before.isSeen)
    const changed = changes.filter(({ before, after }) => after.isSeen && changesLastSeen(before, after))
    const shown = [...appeared, ...changed].map(({ targetId }) => targetId)
    if (shown.length > 0) void show(sockets, shown)
    for (const { targetId, after } of changes) if (after.isSeen === false) standings.hide(sockets, targetId)
  }
  return {
    sights,
    async watch(socket, userIds) {
      const { data } = socket
      const fresh = [...new Set(userIds)].filter((userId) => !data.watched?.has(userId))
      if ((data.watched?.size ?? 0) + fresh.length > maxWatched) {
        throw new AppError('validation_failed', {
          errors: [{ path: 'data.userIds', message: `At most ${maxWatched} people at a time` }],
        })
      }
      data.watched ??= new Set()
      for (const userId of fresh) data.watched.add(userId)
      sights.want(data.userId, fresh)
      const seen = userIds.filter((userId) => sights.read(data.userId, userId)?.isSeen)
      if (seen.length > 0) await show([socket], seen)
    },
    unwatch(socket, userIds) {
      const { watched, userId: watcherId } = socket.data
      const dropped = userIds.filter((userId) => watched?.delete(userId))
      sights.drop(watcherId, dropped)
      for (const userId of dropped) socket.leave(watchRoom(userId))
    },
    leave({ data }) {
      if (data.watched) sights.drop(data.userId, data.watched)
      data.watched = null
    },
    hear: ({ userId, status, lastSeenAt }) => standings.hear(userId, status, lastSeenAt),
    async review() {
      sights.tidy()
      await standings.review()
    },
  }
}

const changesLastSeen = (before: SightChange['before'], after: SightChange['after']) =>
  before.isSeen === true && before.showsLastSeen !== after.showsLastSeen
