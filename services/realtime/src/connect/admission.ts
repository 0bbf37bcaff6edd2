import { createConnectionAdmission } from '@finnigram/admission'
import { longestRetryAfterMs } from '@finnigram/contracts'

/**
 * Connection admission: load shedding against a thundering herd of reconnecting clients.
 *
 * Promises: a node takes up new connections at a rate that it and the services behind it can bear.
 * A connection is shed before any work is done for it, because a token check, memberships, rooms
 * and a sync cost a thousand times as much as a refusal. Each refused client gets a Retry-After of
 * its own, so that the next attempts are spread out.
 *
 * Procedure: a token bucket admits `perSecond` with a burst of `atOnce`. While a join takes longer
 * than a second, its rate is halved each second, down to an eighth, and nobody is admitted. Each
 * quick join brings a little of it back. A part of the bucket is reserved for addresses that
 * connect seldom, so that a flood of one address locks out nobody.
 *
 * Never: queues a connection, looks at a token, or counts connections that are ready.
 *
 * Called by the upgrade check of the Socket.IO server, and by the handshake for the time of a join.
 * The bound for one address is in `address-admission.ts`, the bound for one person in
 * `handshake.ts`.
 */
export interface Admission {
  /**
   * Takes a token and returns null. Without one it returns a Retry-After in milliseconds that no
   * other client got.
   */
  admit(who?: { isSeldom: boolean }): number | null
  /** Gives a token back: its connection did no work. */
  refund(): void
  /** An admitted connection begins to join. The function ends that, whatever came of it. */
  joining(): () => void
  /** Connections that are joining. */
  readonly underWay: number
}

export interface WithAdmission {
  readonly admission: Admission
}

export interface AdmissionOptions {
  /** Connections a second, while they join quickly. */
  perSecond: number
  /** Burst after a quiet time. */
  atOnce: number
  /** Connections that may be joining at once. */
  mostUnderWay: number
  now?: () => number
}

/** The shortest Retry-After, in milliseconds. */
const soonestMs = 250
/**
 * A join that takes longer is slow, in milliseconds: more joins would only make all of them time
 * out.
 */
const slowAfterMs = 1000
/** How often the rate is halved while joins are slow, in milliseconds, and its lowest share. */
const slowedEveryMs = 1000
const leastShare = 1 / 8
/** Quick joins that bring the whole rate back. */
const joinsToRecover = 100

export function createAdmission({ mostUnderWay, ...options }: AdmissionOptions): Admission {
  const { perSecond, now = () => performance.now() } = options
  const bucket = createConnectionAdmission({ ...options, soonestMs, longestMs: longestRetryAfterMs })
  /** Joins by their start, the oldest first. */
  const underWay = new Set<{ readonly since: number }>()
  let rate = perSecond
  let slowedAt = Number.NEGATIVE_INFINITY

  const slowDown = (at: number) => {
    if (at - slowedAt < slowedEveryMs) return
    slowedAt = at
    rate = Math.max(rate / 2, perSecond * leastShare)
    bucket.setRate(rate)
  }
  const recover = () => {
    if (rate === perSecond) return
    rate = Math.min(rate + perSecond / joinsToRecover, perSecond)
    bucket.setRate(rate)
  }
  const isSlow = (at: number) => {
    const [oldest] = underWay
    return oldest !== undefined && at - oldest.since > slowAfterMs
  }
  return {
    admit(who) {
      const at = now()
      if (!isSlow(at)) return underWay.size < mostUnderWay ? bucket.admit(who) : bucket.nextRetryMs()
      slowDown(at)
      return bucket.nextRetryMs()
    },
    refund: () => bucket.giveBack(),
    joining() {
      const join = { since: now() }
      underWay.add(join)
      return () => {
        const isNew = underWay.delete(join)
        if (isNew && now() - join.since <= slowAfterMs) recover()
      }
    },
    get underWay() {
      return underWay.size
    },
  }
}
