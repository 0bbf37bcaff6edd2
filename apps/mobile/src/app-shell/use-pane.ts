import { useIsFocused } from '@react-navigation/native'
import { createContext, useContext } from 'react'

type PaneState = { columns: 1 | 2 | 3; visible: boolean }

/** Set by the columns; on phones the focused screen is the visible one. */
export const PaneContext = createContext<PaneState | null>(null)

/** How many columns there are, and whether the calling screen is visible. */
export function usePane(): PaneState {
  const pane = useContext(PaneContext)
  const focused = useIsFocused()
  return pane ?? { columns: 1, visible: focused }
}
