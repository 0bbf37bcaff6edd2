import { setImmediate } from 'node:timers/promises'

/** UTF-16 units of text that are worked on before others have their turn: some milliseconds. */
const longAtOnce = 16_384

/** To be told how much was worked on: lets others have their turn when it is enough. */
export type Rest = (length: number) => Promise<void>

/** Keeps long work from holding up the event loop. */
export function takeRests(): Rest {
  let since = 0
  return async (length) => {
    since += length
    if (since < longAtOnce) return
    since = 0
    await setImmediate()
  }
}
