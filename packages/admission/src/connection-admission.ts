import { createRetrySchedule, type RetryScheduleOptions } from './retry-schedule.ts'

/**
 * Connection admission: a token bucket for new connections, with a retry-after for those refused.
 *
 * Promise: at most `perSecond` connections a second are let in, after a quiet time `atOnce` more.
 * A refused client that keeps its retry-after finds a token: nine tenths of the rate are promised
 * to the retry schedule. A tenth more is reserved for addresses that connect seldom, so that a
 * crowd cannot lock them out.
 *
 * It starts with one second's tokens: a server that has just started may have died under load.
 * Never does it queue or hold a timer; a caller asks, and is let in or told when to come back.
 * The gateway has one for all nodes, and every realtime node its own.
 */
export interface ConnectionAdmission {
  /**
   * Takes a token and returns null. Without one it returns a retry-after in milliseconds.
   * `isSeldom` may take a reserved token.
   */
  admit(who?: { isSeldom: boolean }): number | null
  /** Returns a token that was taken for nothing. */
  giveBack(): void
  /** A retry-after, in milliseconds, for a client that is refused for another reason. */
  nextRetryMs(): number
  /** Sets the rate, the same as before when not given, and drops the burst of a quiet time. */
  setRate(perSecond?: number): void
}

/** Part of the rate that is promised to the retry schedule. */
const promisedShare = 0.9
/** Tokens beside all others, as a share of them, that are reserved for seldom clients. */
const reservedShare = 0.1

interface ConnectionAdmissionOptions extends Omit<RetryScheduleOptions, 'perSecond'> {
  /** Tokens that are refilled each second. */
  perSecond: number
  /** Tokens of a bucket that is full after a quiet time. */
  atOnce: number
}

export function createConnectionAdmission({
  perSecond,
  atOnce,
  ...options
}: ConnectionAdmissionOptions): ConnectionAdmission {
  const { now = () => performance.now() } = options
  const most = Math.max(1, atOnce)
  let rate = perSecond
  let tokens = Math.min(most, rate)
  let reserved = tokens * reservedShare
  let refilledAt = now()
  const nextRetryMs = createRetrySchedule({ ...options, perSecond: () => rate * promisedShare })
  const refill = () => {
    const at = now()
    const more = ((at - refilledAt) / 1000) * rate
    tokens = Math.min(most, tokens + more)
    reserved = Math.min(most * reservedShare, reserved + more * reservedShare)
    refilledAt = at
  }
  return {
    admit({ isSeldom } = { isSeldom: false }) {
      refill()
      if (tokens >= 1) tokens -= 1
      else if (isSeldom && reserved >= 1) reserved -= 1
      else return nextRetryMs()
      return null
    },
    giveBack() {
      tokens = Math.min(most, tokens + 1)
    },
    nextRetryMs: nextRetryMs,
    setRate(next = rate) {
      refill()
      rate = next
      tokens = Math.min(tokens, 1)
    },
  }
}
