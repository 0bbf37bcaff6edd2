/** Vertical layout of rows. */
export type RowLayout = {
  /** Top of a row; past the last, the end. */
  top: (index: number) => number
  end: number
  /** The row at `y`, by binary search. */
  at: (y: number) => number
}

/** Lays rows of these heights out from `start`. */
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
