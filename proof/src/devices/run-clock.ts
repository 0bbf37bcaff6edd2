import type { Moment } from '../history/history.ts'

/** Milliseconds since the run began, the same for everyone and never wrong. */
export interface RunClock {
  (): Moment
  /** The run begins now. */
  begin(): void
  /** What a time of the servers' clock is on this one. */
  momentOf(time: Date): Moment
}

export function startRunClock(): RunClock {
  let zero = performance.now()
  const now = () => Math.round((performance.now() - zero) * 10) / 10
  return Object.assign(now, {
    begin() {
      zero = performance.now()
    },
    momentOf: (time: Date) => time.getTime() - performance.timeOrigin - zero,
  })
}
