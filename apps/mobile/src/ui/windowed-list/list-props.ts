import type { ReactNode, Ref } from 'react'

export type WindowedListHandle = {
  /** Goes to the last row and follows the end from then on. */
  scrollToEnd: (smoothly: boolean) => void
  /** Brings a row into view; false when the list does not have it. */
  scrollToKey: (key: string) => boolean
}

export type WindowedListProps<Row extends { key: string }> = {
  rows: readonly Row[]
  renderRow: (row: Row) => ReactNode
  /** Rows of one kind look alike; native lists reuse their views. */
  kindOf: (row: Row) => string
  /** Whether a row stays between its neighbours; a heading, which may move, cannot hold the view in place. */
  isSteady?: (row: Row) => boolean
  /** Expected height in points of a row that was never shown. */
  estimate: (row: Row) => number
  /** `end`: begins at the last row and follows it, as a chat does. */
  from: 'start' | 'end'
  /** Where a list from the end begins instead, when that row is there. */
  initialKey?: string | undefined
  padding: { start: number; end: number }
  label: string
  testID: string
  /** Fewer than two screens are left above (`end`) or below (`start`). Told again after more rows came. */
  onNearEdge?: (() => void) | undefined
  onMove?: ((place: { atEnd: boolean; firstVisible: string | undefined }) => void) | undefined
  ref?: Ref<WindowedListHandle>
}
