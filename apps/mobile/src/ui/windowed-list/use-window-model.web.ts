import { useRef } from 'react'
import type { WindowedListProps } from './list-props.ts'
import { createWindowModel } from './window-model.ts'

type Model = ReturnType<typeof createWindowModel>

/** The model of this list, told of the rows it has now; its first rows decide where it begins. */
export function useWindowModel<Row extends { key: string }>(props: WindowedListProps<Row>): Model {
  const { rows, from, initialKey } = props
  const rowOf = useRef(new Map<string, Row>())
  const seen = useRef<readonly Row[] | null>(null)
  const started = useRef(false)
  const made = useRef<Model | null>(null)
  made.current ??= createWindowModel({
    estimate: (key) => {
      const row = rowOf.current.get(key)
      return row === undefined ? 0 : props.estimate(row)
    },
    overscan: 600,
    padding: props.padding,
    followsEnd: from === 'end',
  })
  const model = made.current
  if (seen.current !== rows) {
    seen.current = rows
    rowOf.current = new Map(rows.map((row) => [row.key, row]))
    model.setKeys(rows.map((row) => row.key))
  }
  if (!started.current && rows.length > 0) {
    started.current = true
    const begun = initialKey !== undefined && model.goTo(initialKey, 72)
    if (!begun && from === 'end') model.followEnd()
  }
  return model
}
