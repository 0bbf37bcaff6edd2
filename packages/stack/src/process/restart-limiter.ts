import { availableParallelism } from 'node:os'

/**
 * Semaphore for restarts: processes that died together restart one after the other, as each takes a
 * core for a second.
 */
export interface RestartSemaphore {
  /** Resolves with the function that releases the place; it is released by itself after a while. */
  acquire(): Promise<() => void>
}

/** A process that does not come up delays the others for at most this long, in milliseconds. */
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
    async acquire() {
      if (underWay >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve))
      return begin()
    },
  }
}

/**
 * How long to wait before the restart that follows `failures` quick deaths in a row: 100 ms,
 * doubling, at most 5 s.
 */
export function restartDelayMs(failures: number): number {
  return Math.min(100 * 2 ** failures, 5_000)
}
