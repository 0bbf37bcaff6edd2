import { useIsFocused } from '@react-navigation/native'
import { createContext, useContext } from 'react'

type PaneState = { columns: 1 | 2 | 3; visible: boolean }

/** Set by columns; a phone shows whichever screen has the focus. */
export const PaneContext = createContext<PaneState | null>(null)

/** How the screen that asks is shown: in how many columns, and whether nothing covers it. */
export function usePane(): PaneState {
  const pane = useContext(PaneContext)
  const focused = useIsFocused()
  return pane ?? { columns: 1, visible: focused }
}
