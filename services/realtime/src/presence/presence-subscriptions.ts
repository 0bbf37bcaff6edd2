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

/** Subscriptions of sockets to the presence of people. */
export interface PresenceSubscriptions {
  readonly visibility: PresenceVisibility
  /** Subscribes the socket. Those whom it may see are emitted at once, and at each change. */
  watch(socket: RealtimeSocket, userIds: readonly string[]): Promise<void>
  unwatch(socket: RealtimeSocket, userIds: readonly string[]): void
  /** The socket has disconnected. */
  leave(socket: RealtimeSocket): void
  /** A node published a change. */
  applyChange(presence: Extract<Fleeting, { t: 'presence' }>['data']): void
  /** Reads the status of everyone who is watched, and evicts visibility that nobody needs. */
  review(): Promise<void>
  /** Redis is down: makes every status unknown. */
  invalidate(): void
}

type SubscriptionDeps = VisibilityDeps & WithIo & WithRealtimeMetrics

export function createPresenceSubscriptions(
  ctx: SubscriptionDeps,
  { leases, onExpired }: { leases: PresenceLeases; onExpired: (userId: string, at: string) => void },
): PresenceSubscriptions {
  const visibility = createPresenceVisibility(ctx, (watcherId, changes) =>
    applyVisibilityChanges(ctx.io, { statuses, visibility }, { watcherId, changes }),
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
      visibility.retain(watcherId, addWatched(socket, userIds))
      const seen = userIds.filter((userId) => visibility.read(watcherId, userId)?.isVisible)
      if (seen.length > 0) await joinAndEmit({ statuses, visibility }, { watcherId, sockets: [socket] }, seen)
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
    applyChange: ({ userId, status, lastSeenAt }) => statuses.applyChange(userId, status, lastSeenAt),
    async review() {
      visibility.evict()
      await statuses.review()
    },
    invalidate: statuses.invalidate,
  }
}

/**
 * Adds people to those the socket watches, and returns the new ones. Throws `validation_failed`
 * when there are too many.
 */
function addWatched({ data }: RealtimeSocket, userIds: readonly string[]): string[] {
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

/** Changes of status would tell when a person was last seen, so both must be visible. */
const maySee = (visibility: Visibility | undefined) =>
  visibility?.isVisible === true && visibility.showsLastSeen

interface ShowDeps {
  statuses: StatusCache
  visibility: Pick<PresenceVisibility, 'read'>
}

/**
 * Joins sockets of a person to the rooms of those they watch, and emits each status, or `unknown`.
 */
function joinAndEmit(
  { statuses, visibility }: ShowDeps,
  { watcherId, sockets }: { watcherId: string; sockets: readonly RealtimeSocket[] },
  userIds: readonly string[],
): Promise<void> {
  for (const socket of sockets) {
    const own = userIds.filter((userId) => socket.data.watched?.has(userId))
    socket.join(own.map(watchRoom))
  }
  // The status is not even read: whether that is possible would tell something, too.
  const isShown = (userId: string) => maySee(visibility.read(watcherId, userId))
  statuses.emitUnknown(
    sockets,
    userIds.filter((userId) => !isShown(userId)),
  )
  return statuses.emitTo(sockets, userIds.filter(isShown))
}

/** Applies changes of what a person may see of others. */
function applyVisibilityChanges(
  io: RealtimeServer,
  { statuses, visibility }: ShowDeps,
  { watcherId, changes }: { watcherId: string; changes: readonly VisibilityChange[] },
): void {
  const sockets = socketsIn(io, userRoom(watcherId))
  for (const { targetId, lastSeenAt } of changes) statuses.recordLastSeen(targetId, lastSeenAt)
  const appeared = changes.filter(({ before, after }) => after.isVisible && !before.isVisible)
  const changed = changes.filter(({ before, after }) => after.isVisible && changesLastSeen(before, after))
  const shown = [...appeared, ...changed].map(({ targetId }) => targetId)
  // Also while it is looked up again: a status that was emitted becomes unknown.
  const withdrawn = changes.filter(({ before, after }) => before.showsLastSeen && !after.showsLastSeen)
  statuses.emitUnknown(
    sockets,
    withdrawn.map(({ targetId }) => targetId).filter((targetId) => !shown.includes(targetId)),
  )
  if (shown.length > 0) void joinAndEmit({ statuses, visibility }, { watcherId, sockets }, shown)
  for (const { targetId, after } of changes)
    if (after.isVisible === false) statuses.hide(sockets, targetId, after)
}

const changesLastSeen = (before: VisibilityChange['before'], after: VisibilityChange['after']) =>
  before.isVisible === true && before.showsLastSeen !== after.showsLastSeen
