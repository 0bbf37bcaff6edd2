import type { ListPosition, ListView } from './list-props.ts'
import { layOutRows, type RowLayout } from './row-layout.ts'

/** The rows to render, and the room to leave for those that are not. Lengths in pixels. */
export type RowWindow = { start: number; end: number; before: number; after: number }

export type WindowModelOptions = {
  estimate: (key: string) => number
  /** Rendered above and below what is visible. */
  overscan: number
  /** Empty room inside the scroller before the first and after the last row. */
  padding: { start: number; end: number }
  /** New rows at the end are followed by a view that stands there. */
  followsEnd: boolean
  /** Whether a row keeps its neighbours, and so can hold the view in place; a heading may move. */
  canAnchor: (key: string) => boolean
}

/** So close to the end, in pixels, counts as there. */
const nearEnd = 24

/**
 * Where the rows of a long list are, and which of them to render. Rows that were never rendered have an estimated
 * height; what is on screen keeps its place whatever is added, removed or measured above it.
 */
export class WindowModel {
  readonly #options: WindowModelOptions
  readonly #heights = new Map<string, number>()
  #keys: readonly string[] = []
  #indexOf = new Map<string, number>()
  #rows: RowLayout | null = null
  #viewport = 0
  #followsEnd: boolean
  #following = false
  #anchor: ListPosition | null = null

  constructor(options: WindowModelOptions) {
    this.#options = options
    this.#followsEnd = options.followsEnd
  }

  setKeys(keys: readonly string[]): void {
    const before = this.#keys
    this.#keys = keys
    this.#indexOf = new Map(keys.map((key, index) => [key, index]))
    this.#rows = null
    if (this.#anchor !== null && !this.#indexOf.has(this.#anchor.key)) {
      this.#anchor = this.#nextAnchor(before, this.#anchor)
    }
  }

  /** Returns whether the height was news. */
  measure(key: string, height: number): boolean {
    if (this.#heights.get(key) === height) return false
    this.#heights.set(key, height)
    this.#rows = null
    return true
  }

  /** A viewport that shrinks from below, as when a keyboard opens, keeps its lowest row in sight. */
  setViewport(height: number): void {
    if (this.#followsEnd && this.#anchor !== null && this.#viewport > 0) {
      this.#anchor = { ...this.#anchor, offset: this.#anchor.offset + height - this.#viewport }
    }
    this.#viewport = height
  }

  /** The person, or the browser, moved the scroller. */
  scrolledTo(top: number): void {
    this.#anchor = this.#placeAt(top) ?? null
    this.#following = this.#followsEnd && top >= this.#furthest() - nearEnd
  }

  /** Follows the end from now on if that is where the view has come to rest. */
  rest(): void {
    if (this.#followsEnd && this.scrollTop() >= this.#furthest() - nearEnd) this.#following = true
  }

  /** Shows the end, and follows it where it is one. */
  goToEnd(): void {
    this.#anchor = this.#placeAt(this.#furthest()) ?? null
    this.#following = this.#followsEnd
  }

  /**
   * Whether rows that come at the end are to be followed from now on; a view that did so before
   * stays where it is.
   */
  setFollowsEnd(followsEnd: boolean): void {
    this.#followsEnd = followsEnd
    if (followsEnd || !this.#following) return
    this.#anchor = this.#placeAt(this.scrollTop()) ?? null
    this.#following = false
  }

  /** Whether the view follows the end of the list. */
  atEnd(): boolean {
    return this.#following
  }

  /** Puts a row `offset` below the top of the viewport; false when there is no such row. */
  goTo(key: string, offset: number): boolean {
    if (!this.#indexOf.has(key)) return false
    this.#anchor = { key, offset }
    this.#following = false
    return true
  }

  /** Where the scroller should stand. */
  scrollTop(): number {
    const furthest = this.#furthest()
    if (this.#following) return furthest
    const index = this.#anchor === null ? undefined : this.#indexOf.get(this.#anchor.key)
    if (this.#anchor === null || index === undefined) return 0
    return Math.min(Math.max(0, this.#layOut().top(index) - this.#anchor.offset), furthest)
  }

  /** The key of the row at the top of the viewport. */
  firstVisible(): string | undefined {
    return this.#keys[this.#layOut().at(this.scrollTop())]
  }

  view(): Omit<ListView, 'movement'> {
    const rows = this.#layOut()
    const top = this.scrollTop()
    const bottom = top + this.#viewport
    const last = rows.at(bottom)
    const isWhole = rows.top(last + 1) <= bottom + 1
    return {
      atEnd: this.atEnd(),
      firstVisible: this.#keys[rows.at(top)],
      lastVisible: this.#keys[isWhole ? last : last - 1],
      position: this.#placeAt(top),
    }
  }

  /** The first steady row from here on, and how far below it stands. */
  #placeAt(top: number): ListPosition | undefined {
    const rows = this.#layOut()
    const first = rows.at(top)
    const index = this.#steadyFrom(first) ?? first
    const key = this.#keys[index]
    return key === undefined ? undefined : { key, offset: rows.top(index) - top }
  }

  /** Asked at each scroll event: it begins at the row, not at the first of ten thousand. */
  #steadyFrom(first: number): number | undefined {
    for (let index = first; index < this.#keys.length; index += 1) {
      const key = this.#keys[index]
      if (key !== undefined && this.#options.canAnchor(key)) return index
    }
    return undefined
  }

  rowWindow(): RowWindow {
    const rows = this.#layOut()
    const { overscan } = this.#options
    const top = this.scrollTop()
    const start = rows.at(top - overscan)
    const end = this.#keys.length === 0 ? 0 : rows.at(top + this.#viewport + overscan) + 1
    return { start, end, before: rows.top(start), after: this.#total() - rows.top(end) }
  }

  #heightOf(key: string): number {
    return this.#heights.get(key) ?? this.#options.estimate(key)
  }

  #layOut(): RowLayout {
    this.#rows ??= layOutRows(
      this.#options.padding.start,
      this.#keys.map((key) => this.#heightOf(key)),
    )
    return this.#rows
  }

  #total(): number {
    return this.#layOut().end + this.#options.padding.end
  }

  #furthest(): number {
    return Math.max(0, this.#total() - this.#viewport)
  }

  /** When the anchor's row is gone, the nearest earlier one that is left takes its place. */
  #nextAnchor(before: readonly string[], { key, offset }: ListPosition): ListPosition | null {
    for (let index = before.indexOf(key) - 1; index >= 0; index -= 1) {
      const earlier = before[index]
      if (earlier === undefined) break
      offset -= this.#heightOf(earlier)
      if (this.#indexOf.has(earlier)) return { key: earlier, offset }
    }
    const [first] = this.#keys
    return first === undefined ? null : { key: first, offset: 0 }
  }
}
