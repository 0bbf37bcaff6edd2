/** Lets a key, such as a connection or an address, have so much under way at once; the rest of it waits, up to a bound. */
export interface Turns<K> {
  /**
   * Calls `begin`, now or when something of the same key is over; it must call `done` once, whatever comes of it. False,
   * and nothing is called, where too much of this key waits already.
   */
  enter(key: K, begin: (done: () => void) => void): boolean
  /** Forgets a key with all that waits and is under way. */
  drop(key: K): void
  /** What is under way, of all keys, and what waits. */
  readonly counts: { underWay: number; waiting: number }
}

interface Line {
  underWay: number
  waiting: ((done: () => void) => void)[]
}

export function createTurns<K>({ atOnce, mostWaiting }: { atOnce: number; mostWaiting: number }): Turns<K> {
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
  return {
    enter(key, begin) {
      const line = lines.get(key) ?? { underWay: 0, waiting: [] }
      lines.set(key, line)
      if (line.underWay < atOnce) start(key, line, begin)
      else if (line.waiting.length < mostWaiting) {
        line.waiting.push(begin)
        counts.waiting += 1
      } else return false
      return true
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
