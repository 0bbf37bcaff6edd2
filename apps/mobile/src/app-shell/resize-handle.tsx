import { View } from 'react-native'
import { createStyles } from '../theme/create-styles.ts'

export type ResizeHandleProps = {
  label: string
  width: number
  min: number
  max: number
  onResize: (width: number) => void
}

/** Tablets show the line between the columns; dragging it is for pointers. */
export function ResizeHandle(_props: ResizeHandleProps) {
  const styles = useStyles()
  return <View style={styles.line} />
}

const useStyles = createStyles(({ colors }) => ({ line: { width: 1, backgroundColor: colors.line } }))
