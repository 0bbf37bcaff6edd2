import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { ScrollPace } from './jump-detector.ts'

/** A view that has not moved for so long, in milliseconds, stands still. */
const restMs = 150

/** Tells a person's scrolling from their jumps. `onRest`: the view stands where a jump led. */
export function useMotion(onRest: () => void) {
  const [pace] = useState(() => new ScrollPace())
  const toEdge = useRef(false)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const rested = useRef(onRest)
  useEffect(() => {
    rested.current = onRest
  })
  useEffect(() => () => clearTimeout(timer.current), [])
  const awaitRest = () => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => {
      timer.current = undefined
      toEdge.current = false
      rested.current()
    }, restMs)
  }
  return {
    moved(screens: number): void {
      const wasSeen = pace.wasSeen(screens, performance.now())
      if (!wasSeen || toEdge.current) awaitRest()
    },
    /** On its way with a jump: what is on screen now is passed over. */
    isJumping: () => timer.current !== undefined,
    /** Browsers may go to the edge smoothly: the key says that it is a jump, not the pace. */
    onKeyDown({ key }: KeyboardEvent) {
      if (key !== 'End' && key !== 'Home') return
      toEdge.current = true
      awaitRest()
    },
  }
}
