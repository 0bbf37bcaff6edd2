import { listen } from '@finnigram/service-kit'
import type { RealtimeSocket } from '../connection.ts'
import type { WithIo, WithRedis } from '../deps.ts'
import { socketsIn, userRoom } from '../wire/rooms.ts'
import type { PresenceLeases } from './presence-leases.ts'

/** Keeps the leases of the people on this node. */
export interface LocalPresence extends Disposable {
  /** A device came, or went to the background or the foreground. */
  update(userId: string): void
  /** A device went; the person is given a moment to come back before the lease goes. */
  leave(userId: string): void
  /** Redis may have forgotten everyone: says again who is here. */
  renewAll(): void
  /** Renews what is due and lets go of those who stayed away. Called every few seconds. */
  tick(): void
}

interface LocalLease {
  status: 'online' | 'away'
  at: number
}

interface Departure {
  at: number
  /** When that was, RFC 3339. */
  seenAt: string
}

const renewEveryMs = 15_000
/** A reload or a change of network is no reason to look offline. */
const graceMs = 5000

/** `onGone` hears who has no device anywhere any more, and since when (RFC 3339). */
export function createLocalPresence(
  { io, redis }: WithIo & WithRedis,
  { leases, onGone }: { leases: PresenceLeases; onGone: (userId: string, seenAt: string) => void },
): LocalPresence {
  const held = createLocalLeases(leases)
  const departed = new Map<string, Departure>()

  const release = async (userId: string, departure: Departure) => {
    held.forget(userId)
    try {
      const status = await leases.release(userId, departure.seenAt)
      if (status === 'offline') onGone(userId, departure.seenAt)
    } catch {
      // Redis went away: said again when it is back, unless the person is back, too.
      if (!held.has(userId) && !departed.has(userId)) departed.set(userId, departure)
    }
  }
  const listening = listen(redis.commands, { ready: held.renewAll })
  return {
    renewAll: held.renewAll,
    update(userId) {
      departed.delete(userId)
      const status = statusHere(socketsIn(io, userRoom(userId)))
      if (status !== 'offline') held.grant(userId, status)
    },
    leave(userId) {
      const status = statusHere(socketsIn(io, userRoom(userId)))
      if (status === 'offline')
        departed.set(userId, { at: performance.now(), seenAt: new Date().toISOString() })
      else held.grant(userId, status)
    },
    tick() {
      if (!redis.isUp) return
      for (const [userId, departure] of departed) {
        if (performance.now() - departure.at < graceMs) continue
        departed.delete(userId)
        void release(userId, departure)
      }
      held.renewDue((userId) => !departed.has(userId))
    },
    [Symbol.dispose]: () => listening[Symbol.dispose](),
  }
}

/** The leases that this node gave, as of when it last did. */
function createLocalLeases(leases: PresenceLeases) {
  const held = new Map<string, LocalLease>()
  const renew = (userId: string, status: LocalLease['status']) => {
    const entry = { status, at: performance.now() }
    held.set(userId, entry)
    leases.renew(userId, status).catch(() => {
      entry.at = Number.NEGATIVE_INFINITY
    })
  }
  return {
    has: (userId: string) => held.has(userId),
    forget: (userId: string) => void held.delete(userId),
    grant(userId: string, status: LocalLease['status']) {
      if (held.get(userId)?.status !== status) renew(userId, status)
    },
    renewAll() {
      for (const [userId, { status }] of held) renew(userId, status)
    },
    renewDue(isWanted: (userId: string) => boolean) {
      const now = performance.now()
      for (const [userId, { status, at }] of held) {
        if (now - at >= renewEveryMs && isWanted(userId)) renew(userId, status)
      }
    },
  }
}

function statusHere(sockets: readonly RealtimeSocket[]) {
  if (sockets.length === 0) return 'offline'
  return sockets.some(({ data }) => !data.isAway) ? 'online' : 'away'
}
