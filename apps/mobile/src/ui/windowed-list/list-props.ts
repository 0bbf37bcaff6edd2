import type { ReactNode, Ref } from 'react'

export type WindowedListHandle = {
  /** Scrolls to the end and follows it. */
  scrollToEnd: (smoothly: boolean) => void
  /** Scrolls to a row; false if it is not in the list. */
  scrollToKey: (key: string) => boolean
}

/** A row and its offset from the top of the viewport, in points. */
export type ListPosition = { key: string; offset: number }

/**
 * How the view moved. `scrolled`: by the person, and what passed was on screen. `jumping`: too fast
 * for that; reported again at rest. `none`: not by the person.
 */
export type Movement = 'none' | 'scrolled' | 'jumping'

/** The visible part of a list. */
export type ListView = {
  atEnd: boolean
  firstVisible: string | undefined
  /** The last row whose end is visible. */
  lastVisible: string | undefined
  /** The position to restore to show the same again. */
  position: ListPosition | undefined
  movement: Movement
}

export type WindowedListProps<Row extends { key: string }> = {
  rows: readonly Row[]
  renderRow: (row: Row) => ReactNode
  /** Rows of one kind have the same layout; native lists recycle their views. */
  kindOf: (row: Row) => string
  /** Whether a row can be the scroll anchor. Headings move between rows, so they cannot. */
  canAnchor?: (row: Row) => boolean
  /** Estimated height in points of a row not rendered yet. */
  estimate: (row: Row) => number
  /** `end`: starts at the last row and follows it, as a chat does. */
  from: 'start' | 'end'
  /** False if newer rows exist that are not loaded; the end is then not followed. */
  followsEnd?: boolean | undefined
  /** Row to start at instead of the end. Also scrolled to if it appears while the end is shown. */
  initialKey?: string | undefined
  /** Position to start at, before `initialKey`. */
  initialPosition?: ListPosition | undefined
  padding: { start: number; end: number }
  label: string
  testID: string
  /**
   * Less than two screens are left above (`start`) or below (`end`). Called again after rows were
   * added.
   */
  onNearEdge?: ((edge: 'start' | 'end') => void) | undefined
  onMove?: ((view: ListView) => void) | undefined
  ref?: Ref<WindowedListHandle>
}
