import { type Fleeting, maxWatched } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'
import type { RealtimeServer, RealtimeSocket } from '../connection.ts'
import type { RealtimeContext } from '../context.ts'
import { socketsIn, userRoom, watchRoom } from '../wire/rooms.ts'
import type { LeaseBook } from './presence-leases.ts'
import { createSights, type SightChange, type Sights } from './presence-visibility.ts'
import { createStandings, type Standings } from './status-cache.ts'
import type { Sight } from './visibility-cache.ts'

/** Tells those who watch someone, and may, how that person stands. */
export interface WatchedPresence {
  readonly sights: Sights
  /** From now on the socket hears of those of these people of whom it may; begins with how they stand, as soon as that is known. */
  watch(socket: RealtimeSocket, userIds: readonly string[]): Promise<void>
  unwatch(socket: RealtimeSocket, userIds: readonly string[]): void
  /** The socket is gone. */
  leave(socket: RealtimeSocket): void
  /** A node published a change. */
  hear(presence: Extract<Fleeting, { t: 'presence' }>['data']): void
  /** Looks at everyone who is watched: a lease that ended says nothing by itself. */
  review(): Promise<void>
  /** Redis is away: nobody knows how anyone stands. */
  forget(): void
}

type Needs = Pick<RealtimeContext, 'io' | 'figures' | 'users' | 'log' | 'stopping'>

export function createWatchedPresence(
  ctx: Needs,
  { leases, onExpired }: { leases: LeaseBook; onExpired: (userId: string, at: string) => void },
): WatchedPresence {
  const sights = createSights(ctx, (watcherId, changes) =>
    follow(ctx.io, { standings, sights }, { watcherId, changes }),
  )
  const standings = createStandings(ctx, {
    leases,
    onExpired,
    mayHear: (watcherId, userId) => mayHear(sights.read(watcherId, userId)),
  })
  return {
    sights,
    async watch(socket, userIds) {
      const { userId: watcherId } = socket.data
      sights.want(watcherId, noteWatched(socket, userIds))
      const seen = userIds.filter((userId) => sights.read(watcherId, userId)?.isSeen)
      if (seen.length > 0) await show({ standings, sights }, { watcherId, sockets: [socket] }, seen)
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
    forget: standings.forget,
  }
}

/** Notes whom the socket watches; those of them whom it did not watch before. Throws `validation_failed` when they are too many. */
function noteWatched({ data }: RealtimeSocket, userIds: readonly string[]): string[] {
  const fresh = [...new Set(userIds)].filter((userId) => !data.watched?.has(userId))
  if ((data.watched?.size ?? 0) + fresh.length > maxWatched) {
    throw new AppError('validation_failed', {
      errors: [{ path: 'data.userIds', message: `At most ${maxWatched} people at a time` }],
    })
  }
  data.watched ??= new Set()
  for (const userId of fresh) data.watched.add(userId)
  return fresh
}

/** Who could hear someone come and go could write down when they were last seen. */
const mayHear = (sight: Sight | undefined) => sight?.isSeen === true && sight.showsLastSeen

interface Showing {
  standings: Standings
  sights: Pick<Sights, 'read'>
}

/** Lets sockets of a person into the rooms of those they watch, and tells them how these stand, or that it is unknown. */
function show(
  { standings, sights }: Showing,
  { watcherId, sockets }: { watcherId: string; sockets: readonly RealtimeSocket[] },
  userIds: readonly string[],
): Promise<void> {
  for (const socket of sockets) {
    const own = userIds.filter((userId) => socket.data.watched?.has(userId))
    socket.join(own.map(watchRoom))
  }
  // Without a look at how they stand: whether that can be read tells something, too.
  const isShown = (userId: string) => mayHear(sights.read(watcherId, userId))
  standings.tellUnknown(
    sockets,
    userIds.filter((userId) => !isShown(userId)),
  )
  return standings.tell(sockets, userIds.filter(isShown))
}

/** What someone may know of others has changed, or is known for the first time. */
function follow(
  io: RealtimeServer,
  { standings, sights }: Showing,
  { watcherId, changes }: { watcherId: string; changes: readonly SightChange[] },
): void {
  const sockets = socketsIn(io, userRoom(watcherId))
  for (const { targetId, lastSeenAt } of changes) standings.noteLastSeen(targetId, lastSeenAt)
  const appeared = changes.filter(({ before, after }) => after.isSeen && !before.isSeen)
  const changed = changes.filter(({ before, after }) => after.isSeen && changesLastSeen(before, after))
  const shown = [...appeared, ...changed].map(({ targetId }) => targetId)
  // Also while it is looked up anew: who was told anything else hears that it is unknown now.
  const withdrawn = changes.filter(({ before, after }) => before.showsLastSeen && !after.showsLastSeen)
  standings.tellUnknown(
    sockets,
    withdrawn.map(({ targetId }) => targetId).filter((targetId) => !shown.includes(targetId)),
  )
  if (shown.length > 0) void show({ standings, sights }, { watcherId, sockets }, shown)
  for (const { targetId, after } of changes)
    if (after.isSeen === false) standings.hide(sockets, targetId, after)
}

const changesLastSeen = (before: SightChange['before'], after: SightChange['after']) =>
  before.isSeen === true && before.showsLastSeen !== after.showsLastSeen
