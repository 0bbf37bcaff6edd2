/** Milliseconds to wait before try number `attempt` (from 0): anything up to an exponentially growing ceiling, so that those who failed together do not come back together ("full jitter", AWS Architecture Blog, 2015). */
export function fullJitter(attempt: number, { baseMs = 50, maxMs = 5000 } = {}): number {
  return Math.random() * Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 30))
}
