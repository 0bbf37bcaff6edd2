import { useEffect, useState } from 'react'
import { AccessibilityInfo, Animated, StyleSheet, View } from 'react-native'
import { useTheme } from '../../theme/theme-provider.tsx'

const dots = [0, 1, 2]

/** Three dots that fade in turn; still if the system asks for reduced motion. */
export function TypingDots() {
  const { colors } = useTheme()
  const [values] = useState(() => dots.map(() => new Animated.Value(0.4)))
  useEffect(() => {
    const fade = (value: Animated.Value, toValue: number) =>
      Animated.timing(value, { toValue, duration: 350, useNativeDriver: true })
    const animation = Animated.loop(
      Animated.stagger(
        160,
        values.map((value) => Animated.sequence([fade(value, 1), fade(value, 0.4)])),
      ),
    )
    void AccessibilityInfo.isReduceMotionEnabled().then((reduced) => {
      if (!reduced) animation.start()
    })
    return () => animation.stop()
  }, [values])
  return (
    <View style={styles.dots} aria-hidden>
      {dots.map((dot) => (
        <Animated.View
          key={dot}
          style={[styles.dot, { backgroundColor: colors.accent, opacity: values[dot] ?? 1 }]}
        />
      ))}
    </View>
  )
}

const styles = StyleSheet.create({
  dots: { flexDirection: 'row', gap: 3 },
  dot: { width: 6, height: 6, borderRadius: 3 },
})
