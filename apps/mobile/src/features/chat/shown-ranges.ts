type SeqRange = { from: number; to: number }

/** Ranges that are kept. Beyond that the oldest counts as not shown. */
const mostRanges = 50

/**
 * Ranges of messages that were on screen, by seq. A read marker means "all up to here". It may only
 * move along messages that were shown without a gap; a jump leaves a gap.
 */
export class ShownRanges {
  #ranges: readonly SeqRange[] = []
  #last: SeqRange | null = null

  /**
   * Records messages on screen. If the person scrolled here, those since the last record were
   * shown, too.
   */
  show(seen: SeqRange, scrolled: boolean): void {
    if (seen.to < seen.from) return
    const { from, to } = scrolled && this.#last !== null ? unionOf(this.#last, seen) : seen
    this.#last = seen
    const touching = this.#ranges.filter((range) => range.from <= to + 1 && range.to >= from - 1)
    const others = this.#ranges.filter((range) => !touching.includes(range))
    this.#ranges = [...others, touching.reduce(unionOf, { from, to })].slice(-mostRanges)
  }

  /** Ends the current range: what is shown next does not continue from it. */
  breakContinuity(): void {
    this.#last = null
  }

  /** How far a marker at `read` may move: to the end of the range that follows it. */
  shownFrom(read: number): number {
    return this.#ranges.find(({ from, to }) => from <= read + 1 && to > read)?.to ?? read
  }
}

const unionOf = (one: SeqRange, other: SeqRange): SeqRange => ({
  from: Math.min(one.from, other.from),
  to: Math.max(one.to, other.to),
})
