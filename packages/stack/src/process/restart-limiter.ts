import { availableParallelism } from 'node:os'

/** Lets what died at the same moment start again one after the other: a start takes a core for a second, and what lives needs the others. */
export interface RestartSemaphore {
  /** Resolves when it is one's turn, which ends with the function, or by itself after a while. */
  take(): Promise<() => void>
}

/** Whoever does not come up keeps the others waiting for no longer than this, in milliseconds. */
const longestMs = 3_000

export function createRestartSemaphore(
  atOnce = Math.max(1, Math.floor(availableParallelism() / 2)),
): RestartSemaphore {
  const waiting: (() => void)[] = []
  let underWay = 0

  const begin = () => {
    underWay += 1
    let hasEnded = false
    const end = () => {
      if (hasEnded) return
      hasEnded = true
      clearTimeout(timer)
      underWay -= 1
      waiting.shift()?.()
    }
    const timer = setTimeout(end, longestMs)
    timer.unref()
    return end
  }
  return {
    async take() {
      if (underWay >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve))
      return begin()
    },
  }
}

/** How long to wait before the restart that follows `failures` quick deaths in a row: 100 ms, doubling, at most 5 s. */
export function restartDelayMs(failures: number): number {
  return Math.min(100 * 2 ** failures, 5_000)
}
