import type { ListView } from './list-props.ts'

type RowBox = { y: number; height: number }
type NativeRows = {
  keys: readonly string[]
  boxOf: (index: number) => RowBox | undefined
  /** First and last row that are partly visible. */
  first: number
  last: number
  /** Viewport, relative to the top of the first row. */
  top: number
  height: number
  paddingEnd: number
}

/** Distance that counts as the end, in points. */
const nearEnd = 24

/**
 * The visible part of a native list; undefined before layout. A row counts once its end is visible.
 */
export function visibleRows(rows: NativeRows): Omit<ListView, 'movement'> | undefined {
  const { keys, boxOf, first, last, top, height, paddingEnd } = rows
  const bottom = top + height
  const endOf = (index: number) => {
    const box = boxOf(index)
    return box === undefined ? Number.POSITIVE_INFINITY : box.y + box.height
  }
  const firstBox = boxOf(first)
  const firstVisible = keys[first]
  if (firstBox === undefined || firstVisible === undefined || height <= 0) return undefined
  let lastWhole = Math.min(last, keys.length - 1)
  while (lastWhole >= first && endOf(lastWhole) > bottom + 1) lastWhole -= 1
  return {
    atEnd: bottom >= endOf(keys.length - 1) + paddingEnd - nearEnd,
    firstVisible,
    lastVisible: keys[lastWhole],
    position: { key: firstVisible, offset: firstBox.y - top },
  }
}
