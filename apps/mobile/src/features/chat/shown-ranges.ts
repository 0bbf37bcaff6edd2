type SeqRange = { from: number; to: number }

/** Jumps that are remembered; of more, the oldest places count as not shown. */
const mostRanges = 50

/**
 * Which messages of a chat were on screen, by seq. A read marker says "all up to here", so it may only move along
 * messages that were shown without a gap: a jump, or a hundred messages that came at once, leave one.
 */
export class ShownRanges {
  #ranges: readonly SeqRange[] = []
  #last: SeqRange | null = null

  /**
   * Messages are on screen. Where the person scrolled from the last ones to these, those between
   * went by.
   */
  show(seen: SeqRange, scrolled: boolean): void {
    if (seen.to < seen.from) return
    const { from, to } = scrolled && this.#last !== null ? unionOf(this.#last, seen) : seen
    this.#last = seen
    const touching = this.#ranges.filter((range) => range.from <= to + 1 && range.to >= from - 1)
    const others = this.#ranges.filter((range) => !touching.includes(range))
    this.#ranges = [...others, touching.reduce(unionOf, { from, to })].slice(-mostRanges)
  }

  /** Nobody looked for a while: what comes next does not go on from what was seen. */
  breakContinuity(): void {
    this.#last = null
  }

  /** How far a marker at `read` may move: to where what was shown after it ends. */
  shownFrom(read: number): number {
    return this.#ranges.find(({ from, to }) => from <= read + 1 && to > read)?.to ?? read
  }
}

const unionOf = (one: SeqRange, other: SeqRange): SeqRange => ({
  from: Math.min(one.from, other.from),
  to: Math.max(one.to, other.to),
})
