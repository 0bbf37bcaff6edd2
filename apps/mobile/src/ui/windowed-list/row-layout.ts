/** Rows one under the other. */
export type RowLayout = {
  /** Where a row begins; the row after the last begins where the last ends. */
  top: (index: number) => number
  end: number
  /** The row at a height: the last that does not begin below it. */
  at: (y: number) => number
}

/** Lays rows of these heights one under the other, the first at `start`. */
export function layOutRows(start: number, heights: readonly number[]): RowLayout {
  const tops = [start]
  let end = start
  for (const height of heights) {
    end += height
    tops.push(end)
  }
  return {
    end,
    top: (index) => tops[index] ?? end,
    at(y) {
      let low = 0
      let high = Math.max(0, heights.length - 1)
      while (low < high) {
        const middle = (low + high + 1) >> 1
        if ((tops[middle] ?? end) <= y) low = middle
        else high = middle - 1
      }
      return low
    },
  }
}
