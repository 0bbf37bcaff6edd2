import { StyleSheet, View } from 'react-native'
import { useTheme } from '../theme/theme-provider.tsx'

/** A hairline between things that belong apart. */
export function Divider({ inset = 0 }: { inset?: number }) {
  const { colors } = useTheme()
  return <View style={[styles.line, { backgroundColor: colors.line, marginStart: inset }]} />
}

const styles = StyleSheet.create({ line: { height: StyleSheet.hairlineWidth, alignSelf: 'stretch' } })
