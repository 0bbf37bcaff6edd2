/** The rows to render, and the room to leave for those that are not. Lengths in pixels. */
export type RowWindow = { start: number; end: number; before: number; after: number }

type Anchor = { key: string /** From the top of the viewport down to the row's top. */; offset: number }

type WindowModelOptions = {
  estimate: (key: string) => number
  /** Rendered above and below what is visible. */
  overscan: number
  /** Empty room inside the scroller before the first and after the last row. */
  padding: { start: number; end: number }
  /** New rows at the end are followed by a view that stands there. */
  followsEnd: boolean
}

/** So close to the end, in pixels, counts as there. */
const nearEnd = 24

/**
 * Where the rows of a long list are, and which of them to render. Rows that were never rendered have an estimated
 * height; what is on screen keeps its place whatever is added, removed or measured above it.
 */
export function createWindowModel({ estimate, overscan, padding, followsEnd }: WindowModelOptions) {
  const heights = new Map<string, number>()
  let keys: readonly string[] = []
  let indexOf = new Map<string, number>()
  let tops: number[] = [padding.start]
  let viewport = 0
  let atEnd = false
  let anchor: Anchor | null = null
  let stale = true

  const heightOf = (key: string) => heights.get(key) ?? estimate(key)

  function layOut() {
    if (!stale) return
    stale = false
    tops = [padding.start]
    for (const [index, key] of keys.entries()) tops.push((tops[index] ?? 0) + heightOf(key))
  }

  function total(): number {
    layOut()
    return (tops.at(-1) ?? 0) + padding.end
  }

  const furthest = () => Math.max(0, total() - viewport)

  /** The row at a height of the content: the last whose top is not below it. */
  function rowAt(y: number): number {
    layOut()
    let low = 0
    let high = Math.max(0, keys.length - 1)
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((tops[middle] ?? 0) <= y) low = middle
      else high = middle - 1
    }
    return low
  }

  /** Where the scroller should stand. */
  function scrollTop(): number {
    layOut()
    if (atEnd) return furthest()
    const index = anchor === null ? undefined : indexOf.get(anchor.key)
    if (anchor === null || index === undefined) return 0
    return Math.min(Math.max(0, (tops[index] ?? 0) - anchor.offset), furthest())
  }

  return {
    scrollTop,
    /** Whether the view follows the end of the list. */
    atEnd: () => atEnd,

    setKeys(next: readonly string[]) {
      if (next === keys) return
      const before = keys
      keys = next
      indexOf = new Map(next.map((key, index) => [key, index]))
      stale = true
      if (anchor !== null && !indexOf.has(anchor.key)) anchor = nextAnchor(before, anchor)
    },

    /** Returns whether the height was news. */
    measure(key: string, height: number): boolean {
      if (heights.get(key) === height) return false
      heights.set(key, height)
      stale = true
      return true
    },

    /** A viewport that shrinks from below, as when a keyboard opens, keeps its lowest row in sight. */
    setViewport(height: number) {
      if (followsEnd && anchor !== null && viewport > 0)
        anchor = { ...anchor, offset: anchor.offset + height - viewport }
      viewport = height
    },

    /** The person, or the browser, moved the scroller. */
    scrolledTo(top: number) {
      const index = rowAt(top)
      const key = keys[index]
      anchor = key === undefined ? null : { key, offset: (tops[index] ?? 0) - top }
      atEnd = followsEnd && top >= furthest() - nearEnd
    },

    /** Follows the end from now on if that is where the view has come to rest. */
    rest() {
      if (followsEnd && scrollTop() >= furthest() - nearEnd) atEnd = true
    },

    followEnd() {
      atEnd = true
    },

    /** Puts a row `offset` below the top of the viewport; false when there is no such row. */
    goTo(key: string, offset: number): boolean {
      if (!indexOf.has(key)) return false
      anchor = { key, offset }
      atEnd = false
      return true
    },

    /** The key of the row at the top of the viewport. */
    firstVisible: () => keys[rowAt(scrollTop())],

    rowWindow(): RowWindow {
      const top = scrollTop()
      const start = rowAt(top - overscan)
      const end = keys.length === 0 ? 0 : rowAt(top + viewport + overscan) + 1
      return { start, end, before: tops[start] ?? 0, after: total() - (tops[end] ?? 0) }
    },
  }

  /** When the anchor's row is gone, the nearest earlier one that is left takes its place. */
  function nextAnchor(before: readonly string[], { key, offset }: Anchor): Anchor | null {
    for (let index = before.indexOf(key) - 1; index >= 0; index -= 1) {
      const earlier = before[index]
      if (earlier === undefined) break
      offset -= heightOf(earlier)
      if (indexOf.has(earlier)) return { key: earlier, offset }
    }
    const [first] = keys
    return first === undefined ? null : { key: first, offset: 0 }
  }
}
