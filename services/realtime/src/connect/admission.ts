import { createDoor } from '@finnigram/admission'
import { longestComebackMs } from '@finnigram/contracts'

/** Decides which new connections this node takes up at this moment. What follows (tokens, memberships, rooms, and then a sync) costs a thousand times as much as to say no. */
export interface Admission {
  /**
   * Takes a place: null; where there is none, a moment to come back at that nobody else was told,
   * in milliseconds. Some are kept for who comes seldom.
   */
  ask(who?: { isSeldom: boolean }): number | null
  /** Gives a place back that was taken for nothing. */
  giveBack(): void
  /** Someone who was let in begins to join; to be ended with the function, whatever comes of it. */
  joining(): () => void
  /** Connections that are joining. */
  readonly underWay: number
}

export interface AdmissionOptions {
  /** Connections a second, while they join quickly. */
  perSecond: number
  /** Connections at once, after a quiet time. */
  atOnce: number
  /** Connections that may be joining at once. */
  mostUnderWay: number
  now?: () => number
}

/** It takes this long to be worth it, in milliseconds. */
const soonestMs = 250
/** Where somebody has been joining for longer than this, more would only make everyone wait until their patience ends, in milliseconds. */
const slowAfterMs = 1000
/** While joining is slow the rate is halved this often, in milliseconds, down to this share of what it was. */
const slowedEveryMs = 1000
const leastShare = 1 / 8
/** So many who join quickly bring the rate back from nothing to all of it. */
const joinsToRecover = 100

/** A rate that follows what this node, and the services it asks, can do at this moment: it falls by halves while joining is slow, and comes back a little with everyone who joins quickly. */
export function createAdmission({ mostUnderWay, ...options }: AdmissionOptions): Admission {
  const { perSecond, now = () => performance.now() } = options
  const door = createDoor({ ...options, soonestMs, longestMs: longestComebackMs })
  /** When they began; the oldest comes first. */
  const underWay = new Set<{ readonly since: number }>()
  let rate = perSecond
  let slowedAt = Number.NEGATIVE_INFINITY

  const slowDown = (at: number) => {
    if (at - slowedAt < slowedEveryMs) return
    slowedAt = at
    rate = Math.max(rate / 2, perSecond * leastShare)
    door.pace(rate)
  }
  const recover = () => {
    if (rate === perSecond) return
    rate = Math.min(rate + perSecond / joinsToRecover, perSecond)
    door.pace(rate)
  }
  const isSlow = (at: number) => {
    const [oldest] = underWay
    return oldest !== undefined && at - oldest.since > slowAfterMs
  }
  return {
    ask(who) {
      const at = now()
      if (!isSlow(at)) return underWay.size < mostUnderWay ? door.ask(who) : door.refuse()
      slowDown(at)
      return door.refuse()
    },
    giveBack: () => door.giveBack(),
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
