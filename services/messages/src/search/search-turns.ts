import { AppError } from '@finnigram/service-kit'

/** Searches of this process that run at once: the other connections of the pool are for sends. */
const atOnce = 3
/** Searches that may wait for their turn; more are turned away, to come back. */
const mostWaiting = 100

/** Runs searches a few at a time, in the order of asking. */
export interface SearchTurns {
  /** Throws `unavailable` when too many wait already. */
  take<T>(search: () => Promise<T>): Promise<T>
}

export function createSearchTurns(): SearchTurns {
  const waiting: (() => void)[] = []
  let running = 0
  return {
    async take(search) {
      if (running < atOnce) running += 1
      else if (waiting.length >= mostWaiting) throw new AppError('unavailable', { retryAfter: 1 })
      else await new Promise<void>((resolve) => waiting.push(resolve))
      try {
        return await search()
      } finally {
        // The place is handed over, so that nobody who comes now gets it first.
        const next = waiting.shift()
        if (next) next()
        else running -= 1
      }
    },
  }
}
