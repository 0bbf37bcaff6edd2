import { AppError } from '../errors/app-error.ts'
import type { Metrics } from '../metrics/create-metrics.ts'

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
  /** Pieces of one key that may wait; as many as of all where it is not said. */
  mostWaitingOfOne?: number
  /** Under which name its metrics appear, if anywhere. */
  measured?: { name: string; metrics: Metrics }
}

/** Those who find no place are told to come back within so many seconds, each after another time. */
const spreadSeconds = 5

export function createBulkhead({
  atOnce,
  mostWaiting,
  mostWaitingOfOne = mostWaiting,
  patienceMs,
  measured,
}: BulkheadOptions): Bulkhead {
  const busy = new Set<string>()
  /** First come, first served within a key, never two of one; a key that had its turn goes behind the others. */
  const lines = new Map<string, (() => void)[]>()
  let waiting = 0
  const figures = measured && figuresOf(measured)
  const note = () => figures?.set(busy.size, waiting)
  const refuse = () => {
    figures?.refused()
    return new AppError('unavailable', { retryAfter: Math.ceil(Math.random() * spreadSeconds) })
  }

  const letIn = () => {
    for (const [key, line] of lines) {
      if (busy.size >= atOnce) break
      if (busy.has(key)) continue
      const enter = line.shift()
      lines.delete(key)
      if (line.length > 0) lines.set(key, line)
      waiting -= 1
      busy.add(key)
      enter?.()
    }
    note()
  }
  const leave = (key: string, enter: () => void) => {
    const left = lines.get(key)?.filter((other) => other !== enter) ?? []
    if (left.length > 0) lines.set(key, left)
    else lines.delete(key)
    waiting -= 1
    note()
  }
  const wait = async (key: string) => {
    const { promise, resolve: enter, reject } = Promise.withResolvers<void>()
    const line = lines.get(key) ?? []
    if (waiting >= mostWaiting || line.length >= mostWaitingOfOne) throw refuse()
    lines.set(key, line)
    line.push(enter)
    waiting += 1
    note()
    const timer = setTimeout(() => {
      leave(key, enter)
      reject(refuse())
    }, patienceMs)
    await promise.finally(() => clearTimeout(timer))
  }
  return {
    async run(key, work) {
      if (busy.size < atOnce && !busy.has(key)) busy.add(key)
      else await wait(key)
      note()
      try {
        return await work()
      } finally {
        busy.delete(key)
        letIn()
      }
    },
  }
}

function figuresOf({ name, metrics }: NonNullable<BulkheadOptions['measured']>) {
  const labels = ['bulkhead'] as const
  const working = metrics.gauge('bulkhead_working', 'Pieces of work that have a place', labels)
  const waiting = metrics.gauge('bulkhead_waiting', 'Pieces of work that wait for a place', labels)
  const refused = metrics.counter('bulkhead_refused_total', 'Pieces of work that found no place', labels)
  return {
    set(atWork: number, inLine: number) {
      working.labels(name).set(atWork)
      waiting.labels(name).set(inLine)
    },
    refused: () => refused.labels(name).inc(),
  }
}
