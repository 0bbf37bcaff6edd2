import type { RealtimeSocket } from '../connection.ts'
import type { RealtimeContext } from '../context.ts'
import { watchRoom } from '../wire/rooms.ts'
import { createTelling, later, type Standing, type Telling } from './presence-broadcaster.ts'
import type { LeaseBook, PresenceStatus } from './presence-leases.ts'
import type { Sight } from './visibility-cache.ts'

/** How everyone stands who is watched here, as it was last told. */
export interface Standings {
  /** Tells these sockets how people stand whose rooms they are in and of whom they may hear, and everyone else if that is news. Of whom it is not known, nothing is said. */
  tell(sockets: readonly RealtimeSocket[], userIds: readonly string[]): Promise<void>
  /** To these sockets it is unknown how people stand, and stays so. */
  tellUnknown(sockets: readonly RealtimeSocket[], userIds: readonly string[]): void
  /** Someone changed; `at` is when they went, where that is known. */
  hear(userId: string, status: PresenceStatus, at: string | null): void
  /** The users service knows when someone was last seen. */
  noteLastSeen(userId: string, at: string | null): void
  /** These sockets may hear of this person no more: to them it looks as if the person went offline now, or stays unknown. */
  hide(sockets: readonly RealtimeSocket[], userId: string, sight: Pick<Sight, 'showsLastSeen'>): void
  /** Asks how everyone stands. */
  review(): Promise<void>
  /** Nobody knows any more how anyone stands: everyone who watches is told so, until the next review. */
  forget(): void
}

interface Sources {
  leases: Pick<LeaseBook, 'read'>
  mayHear: (watcherId: string, userId: string) => boolean
  /** Someone's last lease ended without a word, about now (RFC 3339). */
  onExpired: (userId: string, at: string) => void
}

export function createStandings(
  ctx: Pick<RealtimeContext, 'io' | 'figures'>,
  { leases, mayHear, onExpired }: Sources,
): Standings {
  const known = createKnown()
  const telling = createTelling(ctx, mayHear)
  const isWatched = (userId: string) => ctx.io.sockets.adapter.rooms.has(watchRoom(userId))
  const hear = createHearing({ known, telling, isWatched, onExpired })
  return {
    hear,
    async tell(sockets, userIds) {
      const before = userIds.map((userId) => [userId, known.of(userId), known.of(userId).tellings] as const)
      const read = await readStatuses(leases, userIds)
      for (const { userId, status } of read) hear(userId, status, null)
      for (const socket of sockets) telling.one(socket, untoldTo(socket, { before, read, mayHear }))
    },
    tellUnknown(sockets, userIds) {
      for (const socket of sockets) {
        const watched = userIds.filter((userId) => socket.rooms.has(watchRoom(userId)))
        telling.one(
          socket,
          watched.map((userId) => [userId, nothing]),
        )
      }
    },
    noteLastSeen(userId, at) {
      if (at !== null) known.of(userId).lastSeenAt = later(known.of(userId).lastSeenAt, at)
    },
    hide(sockets, userId, { showsLastSeen }) {
      const isThere = ['online', 'away'].includes(known.of(userId).status ?? '')
      for (const socket of leaveRoom(sockets, watchRoom(userId)))
        if (isThere && showsLastSeen) telling.one(socket, [[userId, goneNow()]])
    },
    async review() {
      for (const userId of known.ids()) if (!isWatched(userId)) known.drop(userId)
      for (const { userId, status } of await readStatuses(leases, known.ids())) hear(userId, status, null)
    },
    forget() {
      for (const [userId, standing] of known.told()) {
        standing.status = undefined
        telling.everyone(userId, standing)
      }
    },
  }
}

interface Hearing extends Pick<Sources, 'onExpired'> {
  known: ReturnType<typeof createKnown>
  telling: Telling
  isWatched: (userId: string) => boolean
}

/** Tells everyone what is news to them. */
function createHearing({ known, telling, isWatched, onExpired }: Hearing): Standings['hear'] {
  return (userId, status, at) => {
    if (!isWatched(userId)) return known.drop(userId)
    const standing = known.of(userId)
    if (standing.status === status && !standing.isOwed) return
    const wentAt = at ?? expiredAt(standing, status)
    if (at === null && wentAt !== null) onExpired(userId, wentAt)
    standing.lastSeenAt = later(standing.lastSeenAt, wentAt)
    standing.status = status
    standing.isOwed = false
    telling.everyone(userId, standing)
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

interface Look extends Pick<Sources, 'mayHear'> {
  /** How often everyone had been told of each person when the look began. */
  before: readonly (readonly [userId: string, standing: Standing, tellings: number])[]
  read: readonly { userId: string }[]
}

/**
 * Of whom a look has to tell a socket: while it was under way, a change may have been told to everyone, this socket among
 * them. Of whom nothing could be read, the next that is known is told to everyone.
 */
function untoldTo({ rooms, data }: RealtimeSocket, { before, read, mayHear }: Look) {
  const readIds = new Set(read.map(({ userId }) => userId))
  return before.flatMap(([userId, standing, tellings]) => {
    if (!readIds.has(userId)) standing.isOwed = true
    const isUntold = readIds.has(userId) && standing.tellings === tellings
    const isHeard = rooms.has(watchRoom(userId)) && mayHear(data.userId, userId)
    return isUntold && isHeard ? [[userId, standing] as const] : []
  })
}

/** Whose lease ended without a word was there until about now; null where that is not what happened. */
const expiredAt = ({ status: before }: Standing, status: PresenceStatus) =>
  before !== undefined && before !== status && status === 'offline' ? new Date().toISOString() : null

function createKnown() {
  const standings = new Map<string, Standing>()
  return {
    of(userId: string): Standing {
      const standing = standings.get(userId) ?? {
        status: undefined,
        isOwed: false,
        lastSeenAt: null,
        tellings: 0,
      }
      standings.set(userId, standing)
      return standing
    },
    drop: (userId: string) => void standings.delete(userId),
    ids: () => [...standings.keys()],
    /** Of whom something is known. */
    told: () => [...standings].filter(([, { status }]) => status !== undefined),
  }
}

async function readStatuses(leases: Pick<LeaseBook, 'read'>, userIds: readonly string[]) {
  const answers = await Promise.allSettled(userIds.map((userId) => leases.read(userId)))
  return userIds.flatMap((userId, i) => {
    const answer = answers[i]
    const status = answer?.status === 'fulfilled' ? answer.value : undefined
    return status === undefined ? [] : [{ userId, status }]
  })
}
