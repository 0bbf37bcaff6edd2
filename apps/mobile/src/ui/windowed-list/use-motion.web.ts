import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import type { Movement } from './list-props.ts'
import { ScrollPace } from './scroll-pace.ts'

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
      toEdge.current = false
      rested.current()
    }, restMs)
  }
  return {
    moved(screens: number): Movement {
      const wasSeen = pace.wasSeen(screens, performance.now()) && !toEdge.current
      if (!wasSeen) awaitRest()
      return wasSeen ? 'scrolled' : 'jumping'
    },
    /** Browsers may go to the edge smoothly: the key says that it is a jump, not the pace. */
    onKeyDown({ key }: KeyboardEvent) {
      if (key !== 'End' && key !== 'Home') return
      toEdge.current = true
      awaitRest()
    },
  }
}
