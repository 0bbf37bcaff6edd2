import type { ReactNode } from 'react'
import { StyleSheet, View } from 'react-native'

export type PaneLayerProps = { visible: boolean; children: ReactNode }

/** One of the screens that share a column. A covered one stays as it was left. */
export function PaneLayer({ visible, children }: PaneLayerProps) {
  return (
    <View style={visible ? styles.shown : styles.covered} aria-hidden={!visible}>
      {children}
    </View>
  )
}

const styles = StyleSheet.create({ shown: { flex: 1, minHeight: 0 }, covered: { display: 'none' } })
