import { type Fleeting, maxWatched } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'
import type { RealtimeServer, RealtimeSocket } from '../connection.ts'
import type { WithIo, WithRealtimeMetrics } from '../deps.ts'
import { socketsIn, userRoom, watchRoom } from '../wire/rooms.ts'
import type { PresenceLeases } from './presence-leases.ts'
import {
  createPresenceVisibility,
  type PresenceVisibility,
  type VisibilityChange,
  type VisibilityDeps,
} from './presence-visibility.ts'
import { createStatusCache, type StatusCache } from './status-cache.ts'
import type { Visibility } from './visibility-cache.ts'

/** Tells those who watch someone, and may, how that person stands. */
export interface PresenceSubscriptions {
  readonly visibility: PresenceVisibility
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

type SubscriptionDeps = VisibilityDeps & WithIo & WithRealtimeMetrics

export function createPresenceSubscriptions(
  ctx: SubscriptionDeps,
  { leases, onExpired }: { leases: PresenceLeases; onExpired: (userId: string, at: string) => void },
): PresenceSubscriptions {
  const visibility = createPresenceVisibility(ctx, (watcherId, changes) =>
    follow(ctx.io, { statuses, visibility }, { watcherId, changes }),
  )
  const statuses = createStatusCache(ctx, {
    leases,
    onExpired,
    maySee: (watcherId, userId) => maySee(visibility.read(watcherId, userId)),
  })
  return {
    visibility,
    async watch(socket, userIds) {
      const { userId: watcherId } = socket.data
      visibility.retain(watcherId, noteWatched(socket, userIds))
      const seen = userIds.filter((userId) => visibility.read(watcherId, userId)?.isVisible)
      if (seen.length > 0) await show({ statuses, visibility }, { watcherId, sockets: [socket] }, seen)
    },
    unwatch(socket, userIds) {
      const { watched, userId: watcherId } = socket.data
      const dropped = userIds.filter((userId) => watched?.delete(userId))
      visibility.release(watcherId, dropped)
      for (const userId of dropped) socket.leave(watchRoom(userId))
    },
    leave({ data }) {
      if (data.watched) visibility.release(data.userId, data.watched)
      data.watched = null
    },
    hear: ({ userId, status, lastSeenAt }) => statuses.applyChange(userId, status, lastSeenAt),
    async review() {
      visibility.evict()
      await statuses.review()
    },
    forget: statuses.forget,
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
const maySee = (visibility: Visibility | undefined) =>
  visibility?.isVisible === true && visibility.showsLastSeen

interface Showing {
  statuses: StatusCache
  visibility: Pick<PresenceVisibility, 'read'>
}

/** Lets sockets of a person into the rooms of those they watch, and tells them how these stand, or that it is unknown. */
function show(
  { statuses, visibility }: Showing,
  { watcherId, sockets }: { watcherId: string; sockets: readonly RealtimeSocket[] },
  userIds: readonly string[],
): Promise<void> {
  for (const socket of sockets) {
    const own = userIds.filter((userId) => socket.data.watched?.has(userId))
    socket.join(own.map(watchRoom))
  }
  // Without a look at how they stand: whether that can be read tells something, too.
  const isShown = (userId: string) => maySee(visibility.read(watcherId, userId))
  statuses.emitUnknown(
    sockets,
    userIds.filter((userId) => !isShown(userId)),
  )
  return statuses.emitTo(sockets, userIds.filter(isShown))
}

/** What someone may know of others has changed, or is known for the first time. */
function follow(
  io: RealtimeServer,
  { statuses, visibility }: Showing,
  { watcherId, changes }: { watcherId: string; changes: readonly VisibilityChange[] },
): void {
  const sockets = socketsIn(io, userRoom(watcherId))
  for (const { targetId, lastSeenAt } of changes) statuses.recordLastSeen(targetId, lastSeenAt)
  const appeared = changes.filter(({ before, after }) => after.isVisible && !before.isVisible)
  const changed = changes.filter(({ before, after }) => after.isVisible && changesLastSeen(before, after))
  const shown = [...appeared, ...changed].map(({ targetId }) => targetId)
  // Also while it is looked up anew: who was told anything else hears that it is unknown now.
  const withdrawn = changes.filter(({ before, after }) => before.showsLastSeen && !after.showsLastSeen)
  statuses.emitUnknown(
    sockets,
    withdrawn.map(({ targetId }) => targetId).filter((targetId) => !shown.includes(targetId)),
  )
  if (shown.length > 0) void show({ statuses, visibility }, { watcherId, sockets }, shown)
  for (const { targetId, after } of changes)
    if (after.isVisible === false) statuses.hide(sockets, targetId, after)
}

const changesLastSeen = (before: VisibilityChange['before'], after: VisibilityChange['after']) =>
  before.isVisible === true && before.showsLastSeen !== after.showsLastSeen
