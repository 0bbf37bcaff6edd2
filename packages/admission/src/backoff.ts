/**
 * Milliseconds to wait before try number `attempt` (from 0): exponential backoff with full jitter.
 * Any moment up to a ceiling that doubles with each try, so that clients which failed together do
 * not come back together (AWS Architecture Blog, 2015).
 */
export function fullJitter(
  attempt: number,
  { baseMs = 50, maxMs = 5000, random = Math.random } = {},
): number {
  return random() * Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 30))
}
