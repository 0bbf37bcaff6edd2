import { type Ref, useEffect, useImperativeHandle, useRef, useState } from 'react'
import { StyleSheet, View } from 'react-native'
import { DayChip } from './day-chip.tsx'

const lingerMs = 1200

export type FloatingDayHandle = {
  /** The list was scrolled; undefined where no day need be said. */
  moved: (day: number | undefined) => void
}

/** The day on top of what is seen: there while older messages are scrolled through, gone soon after. */
export function FloatingDay({ ref }: { ref: Ref<FloatingDayHandle> }) {
  const [day, setDay] = useState<number | undefined>(undefined)
  const [shown, setShown] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  useImperativeHandle(
    ref,
    () => ({
      moved(next) {
        clearTimeout(timer.current)
        setShown(next !== undefined)
        if (next === undefined) return
        setDay(next)
        timer.current = setTimeout(() => setShown(false), lingerMs)
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
