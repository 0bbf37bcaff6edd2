import { type ComebackOptions, createComebacks } from './comebacks.ts'

/** Lets in so many a second, and tells the others when to come back. */
export interface Door {
  /** Takes a place: null; where there is none, a moment to come back at, in milliseconds. */
  ask(): number | null
  /** A moment to come back at for somebody who cannot be let in for another reason. */
  refuse(): number
}

/** Of the places, so many are promised to those who are told when to come back: who comes then finds one. */
const promisedShare = 0.75
/** So much of a second's places may be taken at once. */
const burstShare = 0.25

/** A token bucket; `perSecond` places become free each second. */
export function createDoor({ perSecond, ...options }: ComebackOptions): Door {
  const { now = () => performance.now() } = options
  const refuse = createComebacks({ ...options, perSecond: perSecond * promisedShare })
  const most = Math.max(1, perSecond * burstShare)
  let places = most
  let countedAt = now()
  return {
    ask() {
      const at = now()
      places = Math.min(most, places + ((at - countedAt) / 1000) * perSecond)
      countedAt = at
      if (places < 1) return refuse()
      places -= 1
      return null
    },
    refuse,
  }
}
