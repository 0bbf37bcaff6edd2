import type { RealtimeSocket } from '../connection.ts'
import type { RealtimeContext } from '../context.ts'
import { userRoom } from '../rooms.ts'
import { socketsIn } from '../wire/emit-to-room.ts'
import type { LeaseBook } from './lease-book.ts'

/** Keeps the leases of the people on this node. */
export interface OwnPresence {
  /** A device came, or went to the background or the foreground. */
  update(userId: string): void
  /** A device went; the person is given a moment to come back before the lease goes. */
  leave(userId: string): void
  /** Redis may have forgotten everyone: says again who is here. */
  renewAll(): void
  /** Renews what is due and lets go of those who stayed away. Called every few seconds. */
  tick(): void
}

interface Told {
  status: 'online' | 'away'
  at: number
}

interface Left {
  at: number
  /** When that was, RFC 3339. */
  seenAt: string
}

const renewEveryMs = 30_000
/** A reload or a change of network is no reason to look offline. */
const graceMs = 5000

/** `onGone` hears who has no device anywhere any more, and since when (RFC 3339). */
export function createOwnPresence(
  { io, redis }: Pick<RealtimeContext, 'io' | 'redis'>,
  { leases, onGone }: { leases: LeaseBook; onGone: (userId: string, seenAt: string) => void },
): OwnPresence {
  const told = new Map<string, Told>()
  const left = new Map<string, Left>()

  const tell = (userId: string, status: 'online' | 'away') => {
    const entry = { status, at: performance.now() }
    told.set(userId, entry)
    leases.renew(userId, status).catch(() => {
      entry.at = Number.NEGATIVE_INFINITY
    })
  }
  const release = async (userId: string, departure: Left) => {
    told.delete(userId)
    try {
      const status = await leases.release(userId, departure.seenAt)
      if (status === 'offline') onGone(userId, departure.seenAt)
    } catch {
      // Redis went away: said again when it is back, unless the person is back, too.
      if (!told.has(userId) && !left.has(userId)) left.set(userId, departure)
    }
  }
  const renewAll = () => {
    for (const [userId, { status }] of told) tell(userId, status)
  }
  redis.commands.on('ready', renewAll)
  return {
    renewAll,
    update(userId) {
      left.delete(userId)
      const status = statusHere(socketsIn(io, userRoom(userId)))
      if (status !== 'offline' && told.get(userId)?.status !== status) tell(userId, status)
    },
    leave(userId) {
      const status = statusHere(socketsIn(io, userRoom(userId)))
      if (status === 'offline') left.set(userId, { at: performance.now(), seenAt: new Date().toISOString() })
      else if (told.get(userId)?.status !== status) tell(userId, status)
    },
    tick() {
      if (!redis.isUp) return
      const now = performance.now()
      for (const [userId, departure] of left) {
        if (now - departure.at < graceMs) continue
        left.delete(userId)
        void release(userId, departure)
      }
      for (const [userId, { status, at }] of told) {
        if (now - at >= renewEveryMs && !left.has(userId)) tell(userId, status)
      }
    },
  }
}

function statusHere(sockets: readonly RealtimeSocket[]) {
  if (sockets.length === 0) return 'offline'
  return sockets.some(({ data }) => !data.isAway) ? 'online' : 'away'
}
