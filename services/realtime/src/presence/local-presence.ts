import { listen } from '@finnigram/service-kit'
import type { RealtimeSocket } from '../connection.ts'
import type { RealtimeContext } from '../context.ts'
import { socketsIn, userRoom } from '../wire/rooms.ts'
import type { LeaseBook } from './presence-leases.ts'

/** Keeps the leases of the people on this node. */
export interface OwnPresence extends Disposable {
  /** A device came, or went to the background or the foreground. */
  update(userId: string): void
  /** A device went; the person is given a moment to come back before the lease goes. */
  leave(userId: string): void
  /** Redis may have forgotten everyone: says again who is here. */
  renewAll(): void
  /** Renews what is due and lets go of those who stayed away. Called every few seconds. */
  tick(): void
}

interface Given {
  status: 'online' | 'away'
  at: number
}

interface Left {
  at: number
  /** When that was, RFC 3339. */
  seenAt: string
}

const renewEveryMs = 15_000
/** A reload or a change of network is no reason to look offline. */
const graceMs = 5000

/** `onGone` hears who has no device anywhere any more, and since when (RFC 3339). */
export function createOwnPresence(
  { io, redis }: Pick<RealtimeContext, 'io' | 'redis'>,
  { leases, onGone }: { leases: LeaseBook; onGone: (userId: string, seenAt: string) => void },
): OwnPresence {
  const given = createGiven(leases)
  const left = new Map<string, Left>()

  const release = async (userId: string, departure: Left) => {
    given.forget(userId)
    try {
      const status = await leases.release(userId, departure.seenAt)
      if (status === 'offline') onGone(userId, departure.seenAt)
    } catch {
      // Redis went away: said again when it is back, unless the person is back, too.
      if (!given.has(userId) && !left.has(userId)) left.set(userId, departure)
    }
  }
  const listening = listen(redis.commands, { ready: given.renewAll })
  return {
    renewAll: given.renewAll,
    update(userId) {
      left.delete(userId)
      const status = statusHere(socketsIn(io, userRoom(userId)))
      if (status !== 'offline') given.give(userId, status)
    },
    leave(userId) {
      const status = statusHere(socketsIn(io, userRoom(userId)))
      if (status === 'offline') left.set(userId, { at: performance.now(), seenAt: new Date().toISOString() })
      else given.give(userId, status)
    },
    tick() {
      if (!redis.isUp) return
      for (const [userId, departure] of left) {
        if (performance.now() - departure.at < graceMs) continue
        left.delete(userId)
        void release(userId, departure)
      }
      given.renewDue((userId) => !left.has(userId))
    },
    [Symbol.dispose]: () => listening[Symbol.dispose](),
  }
}

/** The leases that this node gave, as of when it last did. */
function createGiven(leases: LeaseBook) {
  const given = new Map<string, Given>()
  const renew = (userId: string, status: Given['status']) => {
    const entry = { status, at: performance.now() }
    given.set(userId, entry)
    leases.renew(userId, status).catch(() => {
      entry.at = Number.NEGATIVE_INFINITY
    })
  }
  return {
    has: (userId: string) => given.has(userId),
    forget: (userId: string) => void given.delete(userId),
    give(userId: string, status: Given['status']) {
      if (given.get(userId)?.status !== status) renew(userId, status)
    },
    renewAll() {
      for (const [userId, { status }] of given) renew(userId, status)
    },
    renewDue(isWanted: (userId: string) => boolean) {
      const now = performance.now()
      for (const [userId, { status, at }] of given) {
        if (now - at >= renewEveryMs && isWanted(userId)) renew(userId, status)
      }
    },
  }
}

function statusHere(sockets: readonly RealtimeSocket[]) {
  if (sockets.length === 0) return 'offline'
  return sockets.some(({ data }) => !data.isAway) ? 'online' : 'away'
}
