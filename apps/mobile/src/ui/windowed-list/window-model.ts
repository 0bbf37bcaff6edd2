import type { ListPosition, ListView } from './list-props.ts'
import { layOutRows, type RowLayout } from './row-layout.ts'

/** The rows to render, and the space for those that are not. Lengths in pixels. */
export type RowWindow = { start: number; end: number; before: number; after: number }

export type WindowModelOptions = {
  estimate: (key: string) => number
  /** Rendered above and below the viewport. */
  overscan: number
  /** Padding before the first and after the last row. */
  padding: { start: number; end: number }
  /** A view at the end follows new rows. */
  followsEnd: boolean
  /** Whether a row can be the scroll anchor. */
  canAnchor: (key: string) => boolean
}

/** Distance that counts as the end, in pixels. */
const nearEnd = 24

/**
 * Layout and scroll position of a windowed list, without a DOM. Rows not rendered yet have
 * estimated heights. A scroll anchor keeps what is on screen in place whatever is added, removed or
 * measured above it.
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

  /** Returns whether the height changed. */
  measure(key: string, height: number): boolean {
    if (this.#heights.get(key) === height) return false
    this.#heights.set(key, height)
    this.#rows = null
    return true
  }

  /** A viewport that shrinks, as for a keyboard, keeps its lowest row visible. */
  setViewport(height: number): void {
    if (this.#followsEnd && this.#anchor !== null && this.#viewport > 0) {
      this.#anchor = { ...this.#anchor, offset: this.#anchor.offset + height - this.#viewport }
    }
    this.#viewport = height
  }

  /** Takes the scroll position that the person or browser set. */
  scrolledTo(top: number): void {
    this.#anchor = this.#positionAt(top) ?? null
    this.#following = this.#followsEnd && top >= this.#furthest() - nearEnd
  }

  /** At rest near the end: follows the end. */
  rest(): void {
    if (this.#followsEnd && this.scrollTop() >= this.#furthest() - nearEnd) this.#following = true
  }

  /** Moves to the end and follows it. */
  goToEnd(): void {
    this.#anchor = this.#positionAt(this.#furthest()) ?? null
    this.#following = this.#followsEnd
  }

  /** Sets whether the end is followed; turning it off keeps the view in place. */
  setFollowsEnd(followsEnd: boolean): void {
    this.#followsEnd = followsEnd
    if (followsEnd || !this.#following) return
    this.#anchor = this.#positionAt(this.scrollTop()) ?? null
    this.#following = false
  }

  /** Whether the view follows the end. */
  atEnd(): boolean {
    return this.#following
  }

  /** Moves a row to `offset` below the top; false if there is no such row. */
  goTo(key: string, offset: number): boolean {
    if (!this.#indexOf.has(key)) return false
    this.#anchor = { key, offset }
    this.#following = false
    return true
  }

  /** The scroll position to apply. */
  scrollTop(): number {
    const furthest = this.#furthest()
    if (this.#following) return furthest
    const index = this.#anchor === null ? undefined : this.#indexOf.get(this.#anchor.key)
    if (this.#anchor === null || index === undefined) return 0
    return Math.min(Math.max(0, this.#layOut().top(index) - this.#anchor.offset), furthest)
  }

  /** Key of the row at the top of the viewport. */
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
      position: this.#positionAt(top),
    }
  }

  /** The first row from `top` that can be the anchor. */
  #positionAt(top: number): ListPosition | undefined {
    const rows = this.#layOut()
    const first = rows.at(top)
    const index = this.#steadyFrom(first) ?? first
    const key = this.#keys[index]
    return key === undefined ? undefined : { key, offset: rows.top(index) - top }
  }

  /** Runs on each scroll event, so it starts at the visible row. */
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

  /** If the anchor is gone, the nearest earlier row takes over. */
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
