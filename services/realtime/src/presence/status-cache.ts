import type { RealtimeSocket } from '../connection.ts'
import type { WithIo, WithRealtimeMetrics } from '../deps.ts'
import { watchRoom } from '../wire/rooms.ts'
import {
  createPresenceBroadcaster,
  later,
  type PresenceBroadcaster,
  type WatchedStatus,
} from './presence-broadcaster.ts'
import type { PresenceLeases, PresenceStatus } from './presence-leases.ts'
import type { Visibility } from './visibility-cache.ts'

/** The last known status of everyone who is watched here, as it was last emitted. */
export interface StatusCache {
  /**
   * Reads the status of these people and emits it to these sockets, where they may see it. A status
   * that has changed goes to all watchers. One that cannot be read is not emitted.
   */
  emitTo(sockets: readonly RealtimeSocket[], userIds: readonly string[]): Promise<void>
  /** Emits `unknown` to these sockets. */
  emitUnknown(sockets: readonly RealtimeSocket[], userIds: readonly string[]): void
  /** A status has changed; `at` is the time they went offline, if known. */
  applyChange(userId: string, status: PresenceStatus, at: string | null): void
  /** Merges a last-seen time of the users service. */
  recordLastSeen(userId: string, at: string | null): void
  /**
   * These sockets may no longer see the person, who looks to them as if offline from now, or stays
   * unknown.
   */
  hide(
    sockets: readonly RealtimeSocket[],
    userId: string,
    visibility: Pick<Visibility, 'showsLastSeen'>,
  ): void
  /** Reads the status of everyone who is watched: a lease that expires publishes nothing. */
  review(): Promise<void>
  /** Makes every status unknown, and emits that, until the next review. */
  invalidate(): void
}

interface Sources {
  leases: Pick<PresenceLeases, 'read'>
  maySee: (watcherId: string, userId: string) => boolean
  /** A person's last lease has expired, about now (RFC 3339). */
  onExpired: (userId: string, at: string) => void
}

export function createStatusCache(
  ctx: WithIo & WithRealtimeMetrics,
  { leases, maySee, onExpired }: Sources,
): StatusCache {
  const known = createKnown()
  const broadcaster = createPresenceBroadcaster(ctx, maySee)
  const isWatched = (userId: string) => ctx.io.sockets.adapter.rooms.has(watchRoom(userId))
  const applyChange = createChangeHandler({ known, broadcaster, isWatched, onExpired })
  return {
    applyChange,
    async emitTo(sockets, userIds) {
      const before = userIds.map((userId) => [userId, known.of(userId), known.of(userId).broadcasts] as const)
      const read = await readStatuses(leases, userIds)
      for (const { userId, status } of read) applyChange(userId, status, null)
      for (const socket of sockets) broadcaster.toSocket(socket, missedBy(socket, { before, read, maySee }))
    },
    emitUnknown(sockets, userIds) {
      for (const socket of sockets) {
        const watched = userIds.filter((userId) => socket.rooms.has(watchRoom(userId)))
        broadcaster.toSocket(
          socket,
          watched.map((userId) => [userId, nothing]),
        )
      }
    },
    recordLastSeen(userId, at) {
      if (at !== null) known.of(userId).lastSeenAt = later(known.of(userId).lastSeenAt, at)
    },
    hide(sockets, userId, { showsLastSeen }) {
      const isThere = ['online', 'away'].includes(known.of(userId).status ?? '')
      for (const socket of leaveRoom(sockets, watchRoom(userId)))
        if (isThere && showsLastSeen) broadcaster.toSocket(socket, [[userId, goneNow()]])
    },
    async review() {
      for (const userId of known.ids()) if (!isWatched(userId)) known.drop(userId)
      for (const { userId, status } of await readStatuses(leases, known.ids()))
        applyChange(userId, status, null)
    },
    invalidate() {
      for (const [userId, entry] of known.known()) {
        entry.status = undefined
        broadcaster.toWatchers(userId, entry)
      }
    },
  }
}

interface ChangeHandlerDeps extends Pick<Sources, 'onExpired'> {
  known: ReturnType<typeof createKnown>
  broadcaster: PresenceBroadcaster
  isWatched: (userId: string) => boolean
}

/** Emits a status to all watchers if it has changed. */
function createChangeHandler({
  known,
  broadcaster,
  isWatched,
  onExpired,
}: ChangeHandlerDeps): StatusCache['applyChange'] {
  return (userId, status, at) => {
    if (!isWatched(userId)) return known.drop(userId)
    const entry = known.of(userId)
    if (entry.status === status && !entry.isPending) return
    const wentAt = at ?? expiredAt(entry, status)
    if (at === null && wentAt !== null) onExpired(userId, wentAt)
    entry.lastSeenAt = later(entry.lastSeenAt, wentAt)
    entry.status = status
    entry.isPending = false
    broadcaster.toWatchers(userId, entry)
  }
}

/** Takes sockets out of a room. Returns those that were in it. */
function leaveRoom(sockets: readonly RealtimeSocket[], room: string): RealtimeSocket[] {
  const inside = sockets.filter(({ rooms }) => rooms.has(room))
  for (const socket of inside) socket.leave(room)
  return inside
}

const nothing = { status: undefined, lastSeenAt: null } as const
const goneNow = () => ({ status: 'offline', lastSeenAt: new Date().toISOString() }) as const

interface StatusRead extends Pick<Sources, 'maySee'> {
  /** The number of broadcasts about each person when the read began. */
  before: readonly (readonly [userId: string, entry: WatchedStatus, broadcasts: number])[]
  read: readonly { userId: string }[]
}

/**
 * Statuses that a socket still has to get after a read. A change during the read was broadcast to
 * all watchers, this socket among them. Where nothing could be read, the next known status goes to
 * all watchers.
 */
function missedBy({ rooms, data }: RealtimeSocket, { before, read, maySee }: StatusRead) {
  const readIds = new Set(read.map(({ userId }) => userId))
  return before.flatMap(([userId, entry, broadcasts]) => {
    if (!readIds.has(userId)) entry.isPending = true
    const isMissed = readIds.has(userId) && entry.broadcasts === broadcasts
    const isAllowed = rooms.has(watchRoom(userId)) && maySee(data.userId, userId)
    return isMissed && isAllowed ? [[userId, entry] as const] : []
  })
}

/** The time at which a lease expired, about now; null where none did. */
const expiredAt = ({ status: before }: WatchedStatus, status: PresenceStatus) =>
  before !== undefined && before !== status && status === 'offline' ? new Date().toISOString() : null

function createKnown() {
  const entries = new Map<string, WatchedStatus>()
  return {
    of(userId: string): WatchedStatus {
      const entry = entries.get(userId) ?? {
        status: undefined,
        isPending: false,
        lastSeenAt: null,
        broadcasts: 0,
      }
      entries.set(userId, entry)
      return entry
    },
    drop: (userId: string) => void entries.delete(userId),
    ids: () => [...entries.keys()],
    /** People with a known status. */
    known: () => [...entries].filter(([, { status }]) => status !== undefined),
  }
}

async function readStatuses(leases: Pick<PresenceLeases, 'read'>, userIds: readonly string[]) {
  const answers = await Promise.allSettled(userIds.map((userId) => leases.read(userId)))
  return userIds.flatMap((userId, i) => {
    const answer = answers[i]
    const status = answer?.status === 'fulfilled' ? answer.value : undefined
    return status === undefined ? [] : [{ userId, status }]
  })
}
