export interface ComebackOptions {
  /** How many may come back each second at this moment. */
  perSecond: () => number
  /** Nobody is told to come sooner, or later, than this, in milliseconds. */
  soonestMs: number
  longestMs: number
  now?: () => number
}

/**
 * Gives out moments to come back at, in milliseconds from now: one after the other, so that those
 * who are refused at once do not return at once.
 */
export function createComebacks({
  perSecond,
  soonestMs,
  longestMs,
  now = () => performance.now(),
}: ComebackOptions): () => number {
  let lastAt = 0
  return () => {
    const from = now()
    const at = Math.max(lastAt, from + soonestMs) + 1000 / perSecond()
    // No moment is left: they come at any time of the second half, and some will be told once more.
    if (at > from + longestMs) return Math.round(longestMs * (0.5 + Math.random() / 2))
    lastAt = at
    return Math.round(at - from)
  }
}
