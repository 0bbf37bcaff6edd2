import { createComebacks, longestComebackMs, promisedShare } from '@finnigram/contracts'

/** Decides which new connections this node takes up at this moment. What follows (tokens, memberships, rooms, and then a sync) costs a thousand times as much as to say no. */
export interface Admission {
  /** Takes a place; `retryAfterMs` when there is none, a moment that nobody else was told. */
  ask(): { isAdmitted: true } | { isAdmitted: false; retryAfterMs: number }
  /** Someone who was let in begins to join; to be ended with `joined`, whatever comes of it. */
  joining(): void
  joined(): void
  /** Connections that are joining. */
  readonly underWay: number
}

export interface AdmissionOptions {
  /** Connections a second, over time; a quarter of it may come at once. */
  perSecond: number
  /** Connections that may be joining at once. */
  mostUnderWay: number
  now?: () => number
}

/** It takes this long to be worth it, in milliseconds. */
const soonestMs = 250

export function createAdmission({
  perSecond,
  mostUnderWay,
  now = () => performance.now(),
}: AdmissionOptions): Admission {
  const promised = perSecond * promisedShare
  const takeComeback = createComebacks({ perSecond: promised, soonestMs, longestMs: longestComebackMs, now })
  const burst = Math.max(1, perSecond / 4)
  let tokens = burst
  let filledAt = now()
  let underWay = 0

  const fill = (at: number) => {
    tokens = Math.min(burst, tokens + ((at - filledAt) / 1000) * perSecond)
    filledAt = at
  }
  return {
    ask() {
      const at = now()
      fill(at)
      if (tokens < 1 || underWay >= mostUnderWay) return { isAdmitted: false, retryAfterMs: takeComeback() }
      tokens -= 1
      return { isAdmitted: true }
    },
    joining() {
      underWay += 1
    },
    joined() {
      underWay -= 1
    },
    get underWay() {
      return underWay
    },
  }
}
