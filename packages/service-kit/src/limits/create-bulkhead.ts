import { AppError } from '../errors/app-error.ts'

/** Keeps one kind of work from taking what all others need as well, such as every connection of the database. */
export interface Bulkhead {
  /** Does `work` as soon as there is a place. Throws `unavailable`, with a moment to come back at, where there is none in time. */
  run<T>(key: string, work: () => Promise<T>): Promise<T>
}

export interface BulkheadOptions {
  /** Pieces of work at once, of different keys. */
  atOnce: number
  /** Pieces that may wait, and for how long, in milliseconds. */
  mostWaiting: number
  patienceMs: number
}

/** Those who find no place are told to come back within so many seconds, each after another time. */
const spreadSeconds = 5

export function createBulkhead({ atOnce, mostWaiting, patienceMs }: BulkheadOptions): Bulkhead {
  const busy = new Set<string>()
  /** First come, first served, but never two of one key. */
  const waiting = new Set<{ key: string; enter: () => void }>()

  const hasPlace = (key: string) => busy.size < atOnce && !busy.has(key)
  const letIn = () => {
    for (const one of waiting) {
      if (busy.size >= atOnce) return
      if (!hasPlace(one.key)) continue
      waiting.delete(one)
      busy.add(one.key)
      one.enter()
    }
  }
  const wait = async (key: string) => {
    const { promise, resolve: enter, reject } = Promise.withResolvers<void>()
    const one = { key, enter }
    waiting.add(one)
    const timer = setTimeout(() => {
      waiting.delete(one)
      reject(overloaded())
    }, patienceMs)
    await promise.finally(() => clearTimeout(timer))
  }
  return {
    async run(key, work) {
      if (hasPlace(key)) busy.add(key)
      else if (waiting.size < mostWaiting) await wait(key)
      else throw overloaded()
      try {
        return await work()
      } finally {
        busy.delete(key)
        letIn()
      }
    },
  }
}

const overloaded = () => new AppError('unavailable', { retryAfter: Math.ceil(Math.random() * spreadSeconds) })
