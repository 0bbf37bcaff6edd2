import type { ReactNode, Ref } from 'react'

export type WindowedListHandle = {
  /** Goes to the last row and follows the end from then on. */
  scrollToEnd: (smoothly: boolean) => void
  /** Brings a row into view; false when the list does not have it. */
  scrollToKey: (key: string) => boolean
}

/** A row, and how far below the top of the viewport it stands, in points. */
export type ListPosition = { key: string; offset: number }

/**
 * How a view came where it is. `scrolled`: the person moved it, and what lies between went by on screen. `jumping`: the
 * person moves it too fast for that; told again once it rests. `none`: the person did not move it.
 */
export type Movement = 'none' | 'scrolled' | 'jumping'

/** What of a list is on screen. */
export type ListView = {
  atEnd: boolean
  firstVisible: string | undefined
  /** The last row whose end is on screen. */
  lastVisible: string | undefined
  /** Where the list has to begin to show the same again. */
  position: ListPosition | undefined
  movement: Movement
}

export type WindowedListProps<Row extends { key: string }> = {
  rows: readonly Row[]
  renderRow: (row: Row) => ReactNode
  /** Rows of one kind look alike; native lists reuse their views. */
  kindOf: (row: Row) => string
  /** Whether a row stays between its neighbours; a heading, which may move, cannot hold the view in place. */
  canAnchor?: (row: Row) => boolean
  /** Expected height in points of a row that was never shown. */
  estimate: (row: Row) => number
  /** `end`: begins at the last row and follows it, as a chat does. */
  from: 'start' | 'end'
  /**
   * False while the last row is not the end of what there is: rows that come are not followed then.
   */
  followsEnd?: boolean | undefined
  /**
   * Where a list from the end begins instead, when that row is there; it goes there, too, when the
   * row comes while the end is shown.
   */
  initialKey?: string | undefined
  /** Where the list begins before all else, when that row is there. */
  initialPosition?: ListPosition | undefined
  padding: { start: number; end: number }
  label: string
  testID: string
  /**
   * Fewer than two screens are left above (`start`) or below (`end`). Told again after more rows
   * came.
   */
  onNearEdge?: ((edge: 'start' | 'end') => void) | undefined
  onMove?: ((view: ListView) => void) | undefined
  ref?: Ref<WindowedListHandle>
}
