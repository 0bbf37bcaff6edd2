import { type ComebackOptions, createComebacks } from './comebacks.ts'

/** Lets in so many a second, and tells the others when to come back. */
export interface Door {
  /**
   * Takes a place: null; where there is none, a moment to come back at, in milliseconds. Who comes
   * seldom finds one among those that are kept for such, when others have taken all the rest.
   */
  ask(who?: { isSeldom: boolean }): number | null
  /** Gives a place back that was taken for nothing. */
  giveBack(): void
  /** A moment to come back at for somebody who cannot be let in for another reason. */
  refuse(): number
  /**
   * From now on so many places become free each second, as many as before when not said; the quiet
   * time before is forgotten.
   */
  pace(perSecond?: number): void
}

/**
 * Of the places, so many are promised to those who are told when to come back: who comes then finds
 * one.
 */
const promisedShare = 0.9
/** So many places more, as a share of all others, are kept for those who come seldom. */
const keptShare = 0.1

export interface DoorOptions extends Omit<ComebackOptions, 'perSecond'> {
  /** Places that become free each second. */
  perSecond: number
  /** Places that are free after a quiet time. */
  atOnce: number
}

/**
 * A token bucket. It begins with the places of a second: who has just started may have died under
 * thousands.
 */
export function createDoor({ perSecond, atOnce, ...options }: DoorOptions): Door {
  const { now = () => performance.now() } = options
  const most = Math.max(1, atOnce)
  let rate = perSecond
  let places = Math.min(most, rate)
  let kept = places * keptShare
  let countedAt = now()
  const refuse = createComebacks({ ...options, perSecond: () => rate * promisedShare })
  const count = () => {
    const at = now()
    const free = ((at - countedAt) / 1000) * rate
    places = Math.min(most, places + free)
    kept = Math.min(most * keptShare, kept + free * keptShare)
    countedAt = at
  }
  return {
    ask({ isSeldom } = { isSeldom: false }) {
      count()
      if (places >= 1) places -= 1
      else if (isSeldom && kept >= 1) kept -= 1
      else return refuse()
      return null
    },
    giveBack() {
      places = Math.min(most, places + 1)
    },
    refuse,
    pace(next = rate) {
      count()
      rate = next
      places = Math.min(places, 1)
    },
  }
}
