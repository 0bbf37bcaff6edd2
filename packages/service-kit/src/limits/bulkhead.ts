import { AppError } from '../errors.ts'
import type { Metrics } from '../metrics/metrics.ts'

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

export const createBulkhead = (options: BulkheadOptions): Bulkhead => new FairBulkhead(options)

class FairBulkhead implements Bulkhead {
  readonly #options: BulkheadOptions
  readonly #figures: ReturnType<typeof figuresOf> | undefined
  readonly #busy = new Set<string>()
  /** First come, first served within a key, never two of one; a key that had its turn goes behind the others. */
  readonly #lines = new Map<string, (() => void)[]>()
  #waiting = 0

  constructor(options: BulkheadOptions) {
    this.#options = options
    this.#figures = options.measured && figuresOf(options.measured)
  }

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    if (this.#busy.size < this.#options.atOnce && !this.#busy.has(key)) this.#busy.add(key)
    else await this.#wait(key)
    this.#note()
    try {
      return await work()
    } finally {
      this.#busy.delete(key)
      this.#letIn()
    }
  }

  async #wait(key: string): Promise<void> {
    const { mostWaiting, mostWaitingOfOne = mostWaiting, patienceMs } = this.#options
    const line = this.#lines.get(key) ?? []
    if (this.#waiting >= mostWaiting || line.length >= mostWaitingOfOne) throw this.#refusal()
    const { promise, resolve: enter, reject } = Promise.withResolvers<void>()
    this.#lines.set(key, line)
    line.push(enter)
    this.#waiting += 1
    this.#note()
    const timer = setTimeout(() => {
      this.#leave(key, enter)
      reject(this.#refusal())
    }, patienceMs)
    await promise.finally(() => clearTimeout(timer))
  }

  #letIn(): void {
    for (const [key, line] of this.#lines) {
      if (this.#busy.size >= this.#options.atOnce) break
      if (this.#busy.has(key)) continue
      const enter = line.shift()
      this.#lines.delete(key)
      if (line.length > 0) this.#lines.set(key, line)
      this.#waiting -= 1
      this.#busy.add(key)
      enter?.()
    }
    this.#note()
  }

  #leave(key: string, enter: () => void): void {
    const left = this.#lines.get(key)?.filter((other) => other !== enter) ?? []
    if (left.length > 0) this.#lines.set(key, left)
    else this.#lines.delete(key)
    this.#waiting -= 1
    this.#note()
  }

  #note(): void {
    this.#figures?.set(this.#busy.size, this.#waiting)
  }

  #refusal(): AppError {
    this.#figures?.refused()
    return new AppError('unavailable', { retryAfter: Math.ceil(Math.random() * spreadSeconds) })
  }
}

function figuresOf({ name, metrics }: NonNullable<BulkheadOptions['measured']>) {
  const labels = ['bulkhead'] as const
  const working = metrics.gauge('bulkhead_working', 'Pieces of work that have a place', { labels })
  const waiting = metrics.gauge('bulkhead_waiting', 'Pieces of work that wait for a place', { labels })
  const refused = metrics.counter('bulkhead_refused_total', 'Pieces of work that found no place', labels)
  return {
    set(atWork: number, inLine: number) {
      working.labels(name).set(atWork)
      waiting.labels(name).set(inLine)
    },
    refused: () => refused.labels(name).inc(),
  }
}
