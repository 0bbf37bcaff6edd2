import { AppError } from '../errors.ts'
import type { Metrics } from '../metrics/metrics.ts'

/**
 * A bulkhead: a semaphore for one kind of work, so that it cannot take what all other work needs,
 * such as every database connection. Fair: never two permits for one key, and keys take turns.
 */
export interface Bulkhead {
  /**
   * Runs `work` once a permit is free. Throws `unavailable` with a Retry-After if none is in time.
   */
  run<T>(key: string, work: () => Promise<T>): Promise<T>
}

export interface BulkheadOptions {
  /** Pieces of work at once, of different keys. */
  atOnce: number
  /** Pieces that may wait, and for how long, in milliseconds. */
  mostWaiting: number
  patienceMs: number
  /** Pieces of one key that may wait; `mostWaiting` when not said. */
  mostWaitingOfOne?: number
  /** Under which name its metrics appear, if anywhere. */
  measured?: { name: string; metrics: Metrics }
}

/** Refused clients get a random Retry-After of up to so many seconds. */
const spreadSeconds = 5

export const createBulkhead = (options: BulkheadOptions): Bulkhead => new FairBulkhead(options)

class FairBulkhead implements Bulkhead {
  readonly #options: BulkheadOptions
  readonly #metrics: ReturnType<typeof bulkheadMetrics> | undefined
  readonly #busy = new Set<string>()
  /** First come, first served within a key. A key that got a permit goes behind the other keys. */
  readonly #lines = new Map<string, (() => void)[]>()
  #waiting = 0

  constructor(options: BulkheadOptions) {
    this.#options = options
    this.#metrics = options.measured && bulkheadMetrics(options.measured)
  }

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    if (this.#busy.size < this.#options.atOnce && !this.#busy.has(key)) this.#busy.add(key)
    else await this.#wait(key)
    this.#report()
    try {
      return await work()
    } finally {
      this.#busy.delete(key)
      this.#admitNext()
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
    this.#report()
    const timer = setTimeout(() => {
      this.#giveUp(key, enter)
      reject(this.#refusal())
    }, patienceMs)
    await promise.finally(() => clearTimeout(timer))
  }

  #admitNext(): void {
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
    this.#report()
  }

  #giveUp(key: string, enter: () => void): void {
    const left = this.#lines.get(key)?.filter((other) => other !== enter) ?? []
    if (left.length > 0) this.#lines.set(key, left)
    else this.#lines.delete(key)
    this.#waiting -= 1
    this.#report()
  }

  #report(): void {
    this.#metrics?.set(this.#busy.size, this.#waiting)
  }

  #refusal(): AppError {
    this.#metrics?.refused()
    return new AppError('unavailable', { retryAfter: Math.ceil(Math.random() * spreadSeconds) })
  }
}

function bulkheadMetrics({ name, metrics }: NonNullable<BulkheadOptions['measured']>) {
  const labels = ['bulkhead'] as const
  const working = metrics.gauge('bulkhead_working', 'Pieces of work that hold a permit', { labels })
  const waiting = metrics.gauge('bulkhead_waiting', 'Pieces of work that wait for a permit', { labels })
  const refused = metrics.counter('bulkhead_refused_total', 'Pieces of work that got no permit', labels)
  return {
    set(workingCount: number, waitingCount: number) {
      working.labels(name).set(workingCount)
      waiting.labels(name).set(waitingCount)
    },
    refused: () => refused.labels(name).inc(),
  }
}
