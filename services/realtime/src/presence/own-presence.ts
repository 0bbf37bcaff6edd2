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
  /** Renews what is due and lets go of those who stayed away. Called every few seconds. */
  tick(): void
}

interface Told {
  status: 'online' | 'away'
  at: number
}

const renewEveryMs = 30_000
/** A reload or a change of network is no reason to look offline. */
const graceMs = 5000

export function createOwnPresence(
  { io, redis }: Pick<RealtimeContext, 'io' | 'redis'>,
  leases: LeaseBook,
): OwnPresence {
  const told = new Map<string, Told>()
  const leftAt = new Map<string, number>()

  const tell = (userId: string, status: 'online' | 'away') => {
    const entry = { status, at: performance.now() }
    told.set(userId, entry)
    leases.renew(userId, status).catch(() => {
      entry.at = Number.NEGATIVE_INFINITY
    })
  }
  const release = (userId: string) => {
    told.delete(userId)
    // Where Redis is away, the lease ends by itself.
    leases.release(userId).catch(() => {})
  }
  // A Redis that comes back may have forgotten everyone.
  redis.commands.on('ready', () => {
    for (const [userId, { status }] of told) tell(userId, status)
  })
  return {
    update(userId) {
      leftAt.delete(userId)
      const status = statusHere(socketsIn(io, userRoom(userId)))
      if (status !== 'offline' && told.get(userId)?.status !== status) tell(userId, status)
    },
    leave(userId) {
      const status = statusHere(socketsIn(io, userRoom(userId)))
      if (status === 'offline') leftAt.set(userId, performance.now())
      else if (told.get(userId)?.status !== status) tell(userId, status)
    },
    tick() {
      if (!redis.isUp) return
      const now = performance.now()
      for (const [userId, at] of leftAt) {
        if (now - at < graceMs) continue
        leftAt.delete(userId)
        release(userId)
      }
      for (const [userId, { status, at }] of told) {
        if (now - at >= renewEveryMs && !leftAt.has(userId)) tell(userId, status)
      }
    },
  }
}

function statusHere(sockets: readonly RealtimeSocket[]) {
  if (sockets.length === 0) return 'offline'
  return sockets.some(({ data }) => !data.isAway) ? 'online' : 'away'
}
