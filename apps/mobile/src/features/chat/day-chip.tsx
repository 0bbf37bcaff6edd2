import { type Ref, useEffect, useImperativeHandle, useRef, useState } from 'react'
import { StyleSheet, View } from 'react-native'
import { useI18n, useMinute } from '../../i18n/i18n-provider.tsx'
import { radius, space } from '../../theme/scale.ts'
import { createStyles } from '../../theme/theme-provider.tsx'
import { Text } from '../../ui/text.tsx'

/** The day of the messages below it. */
export function DayChip({ day, floating = false }: { day: number; floating?: boolean }) {
  const { time } = useI18n()
  const now = useMinute()
  const styles = useStyles()
  return (
    <View style={[styles.chip, floating && styles.floating]}>
      <Text
        size="caption"
        weight="600"
        color="muted"
        {...(floating ? {} : { testID: 'day-chip', role: 'heading' as const, 'aria-level': 2 })}
      >
        {time.day(day, now)}
      </Text>
    </View>
  )
}

const useStyles = createStyles(({ colors }) => ({
  chip: {
    alignSelf: 'center',
    paddingHorizontal: space.m,
    paddingVertical: 5,
    borderRadius: radius.pill,
    backgroundColor: colors.surface,
  },
  floating: { backgroundColor: colors.raised, boxShadow: `0 1px 6px ${colors.shadow}` },
}))

const visibleMs = 1200

export type FloatingDayHandle = {
  /** Called when the list scrolls; undefined hides the chip. */
  show: (day: number | undefined) => void
}

/**
 * The day at the top of the viewport: visible while scrolling through history, hidden soon after.
 */
export function FloatingDay({ ref }: { ref: Ref<FloatingDayHandle> }) {
  const [day, setDay] = useState<number | undefined>(undefined)
  const [shown, setShown] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  useImperativeHandle(
    ref,
    () => ({
      show(next) {
        clearTimeout(timer.current)
        setShown(next !== undefined)
        if (next === undefined) return
        setDay(next)
        timer.current = setTimeout(() => setShown(false), visibleMs)
      },
    }),
    [],
  )
  if (day === undefined) return null
  return (
    <View testID="floating-day" style={[styles.place, !shown && styles.gone]} aria-hidden>
      <DayChip day={day} floating />
    </View>
  )
}

const styles = StyleSheet.create({
  place: { pointerEvents: 'none' },
  gone: { opacity: 0 },
})
