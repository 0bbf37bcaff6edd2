import { useRef } from 'react'
import type { WindowedListProps } from './list-props.ts'
import { WindowModel } from './window-model.ts'

/** Rendered above and below what is visible, in pixels: half a second of fast scrolling. */
const overscan = 600
/** From the top of the viewport to a row that the list begins at. */
const beginAt = 72

/** The model of this list, told of the rows it has now; its first rows decide where it begins. */
export function useWindowModel<Row extends { key: string }>(props: WindowedListProps<Row>): WindowModel {
  const { rows, from, initialKey, initialPlace, estimate, isSteady, padding } = props
  const followsEnd = from === 'end' && props.followsEnd !== false
  const rowOf = useRef(new Map<string, Row>())
  const seen = useRef<readonly Row[] | null>(null)
  const begun = useRef(false)
  const made = useRef<WindowModel | null>(null)
  made.current ??= new WindowModel({
    estimate(key) {
      const row = rowOf.current.get(key)
      return row === undefined ? 0 : estimate(row)
    },
    isSteady(key) {
      const row = rowOf.current.get(key)
      return row !== undefined && (isSteady === undefined || isSteady(row))
    },
    overscan,
    padding,
    followsEnd,
  })
  const model = made.current
  const isKnown = initialKey !== undefined && rowOf.current.has(initialKey)
  model.setFollowsEnd(followsEnd)
  if (seen.current !== rows) {
    seen.current = rows
    rowOf.current = new Map(rows.map((row) => [row.key, row]))
    model.setKeys(rows.map((row) => row.key))
  }
  if (!begun.current && rows.length > 0) {
    begun.current = true
    const placed =
      (initialPlace !== undefined && model.goTo(initialPlace.key, initialPlace.offset)) ||
      (initialKey !== undefined && model.goTo(initialKey, beginAt))
    if (!placed && from === 'end') model.goToEnd()
  } else if (initialKey !== undefined && !isKnown && model.atEnd()) {
    model.goTo(initialKey, beginAt)
  }
  return model
}
