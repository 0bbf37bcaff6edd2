import { useWindowDimensions } from 'react-native'
import { layout } from '../theme/scale.ts'
import { Columns } from './app-panes.tsx'
import { PhoneStack, type PhoneStackProps } from './pane-views.tsx'

/** A stack on phones, columns on wide screens; turning or resizing keeps where the person is. */
export function AppScenes(props: PhoneStackProps) {
  const { width } = useWindowDimensions()
  return width < layout.twoPanes ? <PhoneStack {...props} /> : <Columns {...props} />
}
