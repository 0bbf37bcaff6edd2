import type { Moment, Span } from '../history/history.ts'

/** When nothing was wrong with the servers. */
export interface FaultFreeWindows {
  /** No fault touches it. */
  isFaultFree(span: { from: Moment; to: Moment }): boolean
  /** The first moment from then on before which nothing was wrong for `forMs`. */
  faultFreeFrom(moment: Moment, forMs: number): Moment
}

export function createFaultFreeWindows(faults: readonly Span[]): FaultFreeWindows {
  const ends = (span: Span) => span.to ?? Number.POSITIVE_INFINITY
  const touching = (from: Moment, to: Moment) =>
    faults.filter((span) => span.from <= to && ends(span) >= from)
  return {
    isFaultFree: ({ from, to }) => touching(from, to).length === 0,
    faultFreeFrom(moment, forMs) {
      let at = moment + forMs
      for (let found = touching(at - forMs, at); found.length > 0; found = touching(at - forMs, at)) {
        const last = Math.max(...found.map(ends))
        if (last === Number.POSITIVE_INFINITY) return last
        at = last + forMs + 0.1
      }
      return at
    },
  }
}
