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

/** How everyone stands who is watched here, as it was last told. */
export interface StatusCache {
  /** Tells these sockets how people stand whose rooms they are in and of whom they may hear, and everyone else if that is news. Of whom it is not known, nothing is said. */
  emitTo(sockets: readonly RealtimeSocket[], userIds: readonly string[]): Promise<void>
  /** To these sockets it is unknown how people stand, and stays so. */
  emitUnknown(sockets: readonly RealtimeSocket[], userIds: readonly string[]): void
  /** Someone changed; `at` is when they went, where that is known. */
  applyChange(userId: string, status: PresenceStatus, at: string | null): void
  /** The users service knows when someone was last seen. */
  recordLastSeen(userId: string, at: string | null): void
  /** These sockets may hear of this person no more: to them it looks as if the person went offline now, or stays unknown. */
  hide(
    sockets: readonly RealtimeSocket[],
    userId: string,
    visibility: Pick<Visibility, 'showsLastSeen'>,
  ): void
  /** Asks how everyone stands. */
  review(): Promise<void>
  /** Nobody knows any more how anyone stands: everyone who watches is told so, until the next review. */
  forget(): void
}

interface Sources {
  leases: Pick<PresenceLeases, 'read'>
  maySee: (watcherId: string, userId: string) => boolean
  /** Someone's last lease ended without a word, about now (RFC 3339). */
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
    forget() {
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

/** Tells everyone what is news to them. */
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

/** Those that were in the room. */
function leaveRoom(sockets: readonly RealtimeSocket[], room: string): RealtimeSocket[] {
  const inside = sockets.filter(({ rooms }) => rooms.has(room))
  for (const socket of inside) socket.leave(room)
  return inside
}

const nothing = { status: undefined, lastSeenAt: null } as const
const goneNow = () => ({ status: 'offline', lastSeenAt: new Date().toISOString() }) as const

interface Look extends Pick<Sources, 'maySee'> {
  /** How often everyone had been told of each person when the look began. */
  before: readonly (readonly [userId: string, entry: WatchedStatus, broadcasts: number])[]
  read: readonly { userId: string }[]
}

/**
 * Of whom a look has to tell a socket: while it was under way, a change may have been told to everyone, this socket among
 * them. Of whom nothing could be read, the next that is known is told to everyone.
 */
function missedBy({ rooms, data }: RealtimeSocket, { before, read, maySee }: Look) {
  const readIds = new Set(read.map(({ userId }) => userId))
  return before.flatMap(([userId, entry, broadcasts]) => {
    if (!readIds.has(userId)) entry.isPending = true
    const isUntold = readIds.has(userId) && entry.broadcasts === broadcasts
    const isHeard = rooms.has(watchRoom(userId)) && maySee(data.userId, userId)
    return isUntold && isHeard ? [[userId, entry] as const] : []
  })
}

/** Whose lease ended without a word was there until about now; null where that is not what happened. */
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
    /** Of whom something is known. */
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
