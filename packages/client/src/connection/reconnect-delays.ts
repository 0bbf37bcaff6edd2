import { longestRetryAfterMs } from '@finnigram/contracts'
import { backoffMs } from '../backoff.ts'
import { type Timing, usualTiming } from '../timing.ts'
import type { LinkEnd } from './socket-link.ts'

/** The first part of the reconnect window is left to the server's start. */
const startsIn = 1 / 20

type Waits = Pick<Timing, 'firstTryMs' | 'retryBaseMs' | 'retryMaxMs'>

/**
 * Milliseconds to wait after a link ended. Many clients lose the same node at once, so their first
 * tries are spread over the reconnect window that the server named. `failures` counts links that
 * did not live long.
 */
export function delayAfterEnd(
  failures: number,
  { retryAfterMs, comebackWithinMs }: LinkEnd,
  waits: Waits = usualTiming,
) {
  if (retryAfterMs !== null) return soonAfter(retryAfterMs, waits)
  const within = Math.min(comebackWithinMs ?? waits.firstTryMs, longestRetryAfterMs)
  const spread = within * (startsIn + Math.random() * (1 - startsIn))
  return failures < 2 ? spread : Math.max(spread, backoff(failures, waits))
}

/**
 * Milliseconds to wait after a failed try: backoff with full jitter, or the `Retry-After` of a
 * refusal, which is this client's alone.
 */
export function delayAfterFailure(failures: number, retryAfterMs: number | null, waits: Waits = usualTiming) {
  return retryAfterMs === null ? backoff(failures, waits) : soonAfter(retryAfterMs, waits)
}

/** The server has spread its clients already; a little more jitter does no harm. */
const soonAfter = (retryAfterMs: number, { firstTryMs }: Waits) =>
  retryAfterMs + Math.random() * Math.min(firstTryMs, 500)

/** In its first half minute a client is eager: a server that is reached names a time itself. */
const eagerTries = 12
const eagerMaxMs = 5_000

function backoff(failures: number, { retryBaseMs: baseMs, retryMaxMs }: Waits) {
  const maxMs = failures < eagerTries ? Math.min(eagerMaxMs, retryMaxMs) : retryMaxMs
  return backoffMs(failures, { baseMs, maxMs })
}
