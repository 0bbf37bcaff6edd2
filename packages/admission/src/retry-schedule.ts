export interface RetryScheduleOptions {
  /** Clients that may come back each second at this moment. */
  perSecond: () => number
  /** The shortest and the longest wait that is given out, in milliseconds. */
  soonestMs: number
  longestMs: number
  now?: () => number
}

/**
 * Gives out retry-after waits, in milliseconds. Each client gets a later slot than the one before,
 * so that clients which are refused at once do not return at once.
 */
export function createRetrySchedule({
  perSecond,
  soonestMs,
  longestMs,
  now = () => performance.now(),
}: RetryScheduleOptions): () => number {
  let lastAt = 0
  return () => {
    const from = now()
    const at = Math.max(lastAt, from + soonestMs) + 1000 / perSecond()
    // No slot is left: they come at a random time of the second half, and some are refused again.
    if (at > from + longestMs) return Math.round(longestMs * (0.5 + Math.random() / 2))
    lastAt = at
    return Math.round(at - from)
  }
}
