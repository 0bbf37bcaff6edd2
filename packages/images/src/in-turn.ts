import { availableParallelism } from 'node:os'

/** Pictures that are open at once: each may take some hundred megabytes while it is decoded. */
const atOnce = Math.max(1, Math.min(availableParallelism(), 3))

const waiting: (() => void)[] = []
let open = 0

/** Runs `work` when one of the few places for decoding is free, in the order of asking. */
export async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (open < atOnce) open += 1
  else await new Promise<void>((resolve) => waiting.push(resolve))
  try {
    return await work()
  } finally {
    // The place is handed over, so that nobody who comes now gets it first.
    const next = waiting.shift()
    if (next) next()
    else open -= 1
  }
}
