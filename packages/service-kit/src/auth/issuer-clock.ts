/** The clock of whoever issues tokens, where it is ahead of ours: by ours alone its tokens would outlive their sessions. */
export interface IssuerClock {
  /** Milliseconds it is ahead now, as far as its answers show; 0 where it is not. */
  readonly aheadMs: number
  /** The most it ever was. */
  readonly mostAheadMs: number
  /** Takes note of the `Date` and the `Age` of an answer that has just come. */
  hear(headers: Headers): void
}

/** `Date` has whole seconds, and an answer takes time: less than this, in milliseconds, is no difference. */
const exactToMs = 2_000

export function createIssuerClock(now: () => number = Date.now): IssuerClock {
  let aheadMs = 0
  let mostAheadMs = 0
  return {
    get aheadMs() {
      return aheadMs
    },
    get mostAheadMs() {
      return mostAheadMs
    },
    hear(headers) {
      const told = Date.parse(headers.get('date') ?? '')
      if (Number.isNaN(told)) return
      // A cache on the way tells for how long it has kept the answer.
      const difference = told + Number(headers.get('age') ?? 0) * 1000 - now()
      aheadMs = difference > exactToMs ? difference : 0
      mostAheadMs = Math.max(mostAheadMs, aheadMs)
    },
  }
}
