/**
 * A semaphore for each key, such as a connection, an address or a user: so many pieces of work of a
 * key at once, the rest waits in order up to a bound. With `atOnce: 1` it is a keyed mutex.
 */
export interface KeyedSemaphore<K> {
  /**
   * Calls `begin`, now or when a permit of the key is free; it must call `done` exactly once.
   * Returns false, and calls nothing, where too much of this key waits already.
   */
  enter(key: K, begin: (done: () => void) => void): boolean
  /** The same as a promise of the function that releases the permit; null where too much waits. */
  acquire(key: K): Promise<() => void> | null
  /** Forgets a key with all that waits and all its permits. */
  drop(key: K): void
  /** Pieces of work with a permit, of all keys, and those that wait. */
  readonly counts: { underWay: number; waiting: number }
}

interface Line {
  underWay: number
  waiting: ((done: () => void) => void)[]
}

interface KeyedSemaphoreOptions {
  atOnce: number
  mostWaiting: number
}

export function createKeyedSemaphore<K>(options: KeyedSemaphoreOptions): KeyedSemaphore<K> {
  const { atOnce, mostWaiting } = options
  const lines = new Map<K, Line>()
  const counts = { underWay: 0, waiting: 0 }

  const start = (key: K, line: Line, begin: (done: () => void) => void) => {
    line.underWay += 1
    counts.underWay += 1
    let isDone = false
    begin(() => {
      if (isDone || lines.get(key) !== line) return
      isDone = true
      line.underWay -= 1
      counts.underWay -= 1
      const next = line.waiting.shift()
      if (next) {
        counts.waiting -= 1
        start(key, line, next)
      } else if (line.underWay === 0) lines.delete(key)
    })
  }
  const enter = (key: K, begin: (done: () => void) => void) => {
    const line = lines.get(key) ?? { underWay: 0, waiting: [] }
    lines.set(key, line)
    if (line.underWay < atOnce) start(key, line, begin)
    else if (line.waiting.length < mostWaiting) {
      line.waiting.push(begin)
      counts.waiting += 1
    } else return false
    return true
  }
  return {
    enter,
    acquire(key) {
      const { promise, resolve } = Promise.withResolvers<() => void>()
      return enter(key, resolve) ? promise : null
    },
    drop(key) {
      const line = lines.get(key)
      if (!line) return
      lines.delete(key)
      counts.waiting -= line.waiting.length
      counts.underWay -= line.underWay
    },
    counts,
  }
}
