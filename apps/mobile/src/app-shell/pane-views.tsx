import { NativeStackView } from '@react-navigation/native-stack'
import type { ComponentProps, ReactNode } from 'react'
import { StyleSheet, View } from 'react-native'
import { createStyles } from '../theme/theme-provider.tsx'

export type StackViewProps = ComponentProps<typeof NativeStackView>

/** The platform's native stack, with its gestures. */
export function PhoneStack(props: StackViewProps) {
  return <NativeStackView {...props} />
}

export type PaneLayerProps = { visible: boolean; children: ReactNode }

/** One of the screens that share a column. A covered screen keeps its state. */
export function PaneLayer({ visible, children }: PaneLayerProps) {
  return (
    <View style={visible ? styles.shown : styles.covered} aria-hidden={!visible}>
      {children}
    </View>
  )
}

const styles = StyleSheet.create({ shown: { flex: 1, minHeight: 0 }, covered: { display: 'none' } })

export type ResizeHandleProps = {
  label: string
  width: number
  min: number
  max: number
  onResize: (width: number) => void
}

/** Tablets only draw the line; dragging needs a pointer. */
export function ResizeHandle(_props: ResizeHandleProps) {
  const styles = useStyles()
  return <View style={styles.line} />
}

const useStyles = createStyles(({ colors }) => ({ line: { width: 1, backgroundColor: colors.line } }))
