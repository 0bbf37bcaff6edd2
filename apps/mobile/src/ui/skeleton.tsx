import { useEffect, useState } from 'react'
import { StyleSheet, View } from 'react-native'
import { radius, space } from '../theme/scale.ts'
import { useTheme } from '../theme/theme-provider.tsx'

/** Rows to come. Nothing shows in the first 150 ms, so that a quick answer never blinks. */
export function SkeletonRows({ count }: { count: number }) {
  const { colors } = useTheme()
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 150)
    return () => clearTimeout(timer)
  }, [])
  if (!late) return null
  const fill = { backgroundColor: colors.line }
  return (
    <View aria-hidden>
      {Array.from({ length: count }, (_, row) => (
        <View key={`row-${String(row)}`} style={[styles.row, { opacity: 0.9 - row / (count + 2) }]}>
          <View style={[styles.disc, fill]} />
          <View style={styles.lines}>
            <View style={[styles.line, fill, { width: `${34 + ((row * 17) % 23)}%` }]} />
            <View style={[styles.line, fill, { width: `${58 + ((row * 29) % 34)}%` }]} />
          </View>
        </View>
      ))}
    </View>
  )
}

const styles = StyleSheet.create({
  row: { height: 72, flexDirection: 'row', alignItems: 'center', gap: space.m, paddingHorizontal: space.l },
  disc: { width: 52, height: 52, borderRadius: radius.pill },
  lines: { flex: 1, gap: space.s },
  line: { height: 11, borderRadius: radius.pill },
})
