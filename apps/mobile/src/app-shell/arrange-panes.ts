import { layout } from '../theme/scale.ts'
import { type Pane, paneOf } from './routes.ts'

type RouteEntry = { key: string; name: string }

/** Keys of the routes to show; a column without a screen is left out. */
export type PaneArrangement = { columns: 2 | 3; list?: string; main?: string; side?: string }

/** Assigns the screens of one stack to the columns that fit the width. */
export function arrangePanes(routes: readonly RouteEntry[], width: number): PaneArrangement {
  const top = (...panes: Pane[]) => routes.findLast(({ name }) => panes.includes(paneOf(name)))
  const list = top('list')?.key
  const chat = top('main')?.key
  const content = top('main', 'side')
  const details = content !== undefined && paneOf(content.name) === 'side' ? content.key : undefined
  const beside = details !== undefined && width >= layout.threePanes
  const main = beside ? chat : (details ?? chat)
  return {
    columns: beside ? 3 : 2,
    ...(list === undefined ? {} : { list }),
    ...(main === undefined ? {} : { main }),
    ...(beside ? { side: details } : {}),
  }
}
