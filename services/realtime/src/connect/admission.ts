import { createDoor, longestComebackMs } from '@finnigram/contracts'

/** Decides which new connections this node takes up at this moment. What follows (tokens, memberships, rooms, and then a sync) costs a thousand times as much as to say no. */
export interface Admission {
  /** Takes a place: null; where there is none, a moment to come back at that nobody else was told, in milliseconds. */
  ask(): number | null
  /** Someone who was let in begins to join; to be ended with `joined`, whatever comes of it. */
  joining(): void
  joined(): void
  /** Connections that are joining. */
  readonly underWay: number
}

export interface AdmissionOptions {
  /** Connections a second. */
  perSecond: number
  /** Connections at once, after a quiet time. */
  atOnce: number
  /** Connections that may be joining at once. */
  mostUnderWay: number
  now?: () => number
}

/** It takes this long to be worth it, in milliseconds. */
const soonestMs = 250

export function createAdmission({ mostUnderWay, ...rate }: AdmissionOptions): Admission {
  const door = createDoor({ ...rate, soonestMs, longestMs: longestComebackMs })
  let underWay = 0
  return {
    ask: () => (underWay < mostUnderWay ? door.ask() : door.refuse()),
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
