import { longestComebackMs } from '@finnigram/contracts'
import { backoffMs } from '../backoff.ts'
import { type Timing, usualTiming } from '../timing.ts'
import type { LinkEnd } from './socket-link.ts'

/** Of the time that all are to come back in: first the server has to start again, with nobody at its door. */
const startsIn = 1 / 20

type Waits = Pick<Timing, 'firstTryMs' | 'retryBaseMs' | 'retryMaxMs'>

/**
 * How long to wait after a link ended, in milliseconds. Many clients lose the same node at once: their first tries are
 * spread, over as much time as the server said. `failures` counts links that did not live long.
 */
export function delayAfterEnd(
  failures: number,
  { retryAfterMs, comebackWithinMs }: LinkEnd,
  waits: Waits = usualTiming,
) {
  if (retryAfterMs !== null) return soonAfter(retryAfterMs, waits)
  const within = Math.min(comebackWithinMs ?? waits.firstTryMs, longestComebackMs)
  const spread = within * (startsIn + Math.random() * (1 - startsIn))
  return failures < 2 ? spread : Math.max(spread, backoff(failures, waits))
}

/** How long to wait after a try that failed, in milliseconds: with full jitter, or until the moment a refusal named, which is this client's alone. */
export function delayAfterFailure(failures: number, retryAfterMs: number | null, waits: Waits = usualTiming) {
  return retryAfterMs === null ? backoff(failures, waits) : soonAfter(retryAfterMs, waits)
}

/** The server has spread its clients already; a little more does no harm where it has not. */
const soonAfter = (retryAfterMs: number, { firstTryMs }: Waits) =>
  retryAfterMs + Math.random() * Math.min(firstTryMs, 500)

/** For its first half minute or so a client is eager: a server that is reached says itself when it has a place. */
const eagerTries = 12
const eagerMaxMs = 5_000

function backoff(failures: number, { retryBaseMs: baseMs, retryMaxMs }: Waits) {
  const maxMs = failures < eagerTries ? Math.min(eagerMaxMs, retryMaxMs) : retryMaxMs
  return backoffMs(failures, { baseMs, maxMs })
}
