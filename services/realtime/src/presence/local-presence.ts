import { listen } from '@finnigram/service-kit'
import type { RealtimeSocket } from '../connection.ts'
import type { WithIo, WithRedis } from '../deps.ts'
import { socketsIn, userRoom } from '../wire/rooms.ts'
import type { PresenceLeases } from './presence-leases.ts'

/** Holds the leases of people who are connected to this node. */
export interface LocalPresence extends Disposable {
  /** A device connected, or went to the background or the foreground. */
  update(userId: string): void
  /** A device disconnected. The lease is released after a grace period. */
  leave(userId: string): void
  /** Redis may have lost the leases: renews all. */
  renewAll(): void
  /**
   * Renews due leases and releases those of people who did not return. Called every few seconds.
   */
  tick(): void
}

interface LocalLease {
  status: 'online' | 'away'
  at: number
}

interface Departure {
  at: number
  /** RFC 3339. */
  seenAt: string
}

const renewEveryMs = 15_000
/** Grace after the last disconnect, in milliseconds, for reloads and changes of network. */
const graceMs = 5000

/** `onGone` is called when a person has no lease on any node, with the time (RFC 3339). */
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
      // Redis is down: released once it is back, unless the person has returned.
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

/** Leases that this node holds, with the time of the last renewal. */
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
