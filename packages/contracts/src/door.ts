import { type ComebackOptions, createComebacks } from './comebacks.ts'

/** Lets in so many a second, and tells the others when to come back. */
export interface Door {
  /** Takes a place: null; where there is none, a moment to come back at, in milliseconds. */
  ask(): number | null
  /** A moment to come back at for somebody who cannot be let in for another reason. */
  refuse(): number
  /** Forgets the quiet time: many are about to come, and only the rate counts. */
  narrow(): void
}

/** Of the places, so many are promised to those who are told when to come back: who comes then finds one. */
const promisedShare = 0.9

export interface DoorOptions extends ComebackOptions {
  /** Places that become free each second. */
  perSecond: number
  /** Places that are free after a quiet time. */
  atOnce: number
}

/** A token bucket. It begins with the places of a second: who has just started may have died under thousands. */
export function createDoor({ perSecond, atOnce, ...options }: DoorOptions): Door {
  const { now = () => performance.now() } = options
  const refuse = createComebacks({ ...options, perSecond: perSecond * promisedShare })
  const most = Math.max(1, atOnce)
  let places = Math.min(most, perSecond)
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
    narrow() {
      places = Math.min(places, 1)
    },
  }
}
