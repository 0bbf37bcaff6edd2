import type { Moment } from '../evidence/evidence.ts'

/** Milliseconds since the run began, the same for everyone and never wrong. */
export type RunClock = () => Moment

export function startRunClock(): RunClock {
  const begun = performance.now()
  return () => Math.round((performance.now() - begun) * 10) / 10
}
