import { AppError, type Metrics } from '@finnigram/service-kit'
import type pg from 'pg'
import type { NewSend, Sent } from './new-send.ts'
import { createSendQueue } from './send-queue.ts'
import { storePatiently } from './store-patiently.ts'

/** Sends of one statement. */
const batchSize = 100
/** Statements under way at once: while one waits for the disk, the next is worked on. */
const mostFlying = 2
/** Sends that may wait; at the measured speed that is half a second. More are turned away, to come back. */
const mostWaiting = 10_000
/** Of one person: more than the limit of sends lets through while the database stands still. */
const mostWaitingOfOne = 1_000
const mostWaitingBytes = 64 * 2 ** 20

export interface BatcherOptions {
  pool: pg.Pool
  metrics: Metrics
  /** Called after a commit, with the outbox partitions that have something new. */
  onStored: (partitions: Iterable<number>) => void
}

/** Gathers the sends of the whole process into few statements. */
export interface SendBatcher extends AsyncDisposable {
  /** Stores a message. Sends of one conversation are stored in the order of these calls. Rejects with an `AppError`, or with what the database said. */
  send(send: NewSend): Promise<Sent>
}

interface Waiting {
  send: NewSend
  resolve: (sent: Sent) => void
  reject: (error: unknown) => void
}

/** A batcher that never waits for company: a flush starts as soon as there is something to send and a free place; what arrives meanwhile makes the next, fuller one. */
export function createSendBatcher(options: BatcherOptions): SendBatcher {
  return new Batcher(options)
}

class Batcher implements SendBatcher {
  readonly #options: BatcherOptions
  readonly #queue = createSendQueue<Waiting>()
  readonly #sizes: { observe(size: number): void }
  readonly #refused: { inc(labels: { bound: string }): void }
  #flying = 0
  #isScheduled = false
  #onIdle: (() => void) | undefined

  constructor(options: BatcherOptions) {
    this.#options = options
    this.#sizes = options.metrics.histogram('send_batch_size', 'Messages stored by one statement', {
      buckets: [1, 2, 5, 10, 20, 50, 100],
    })
    this.#refused = options.metrics.counter(
      'sends_refused_total',
      'Messages told to come back, since too many wait to be stored',
      ['bound'],
    )
  }

  send(send: NewSend): Promise<Sent> {
    const bound = this.#boundMet(send)
    if (bound) {
      this.#refused.inc({ bound })
      return Promise.reject(new AppError('unavailable', { retryAfter: 1 }))
    }
    return new Promise((resolve, reject) => {
      this.#queue.add({ send, resolve, reject })
      this.#schedule()
    })
  }

  /** What there is too much of to take one more, if anything. */
  #boundMet({ senderId }: NewSend): 'number' | 'bytes' | 'person' | undefined {
    if (this.#queue.size >= mostWaiting) return 'number'
    if (this.#queue.bytes >= mostWaitingBytes) return 'bytes'
    return this.#queue.waitingOf(senderId) >= mostWaitingOfOne ? 'person' : undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#flying === 0 && this.#queue.size === 0) return
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve
    })
  }

  /** After everything that came in with the same turn of the event loop, so that it goes out together. */
  #schedule(): void {
    if (this.#isScheduled || this.#flying >= mostFlying) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      this.#launch()
    })
  }

  #launch(): void {
    while (this.#flying < mostFlying) {
      const batch = this.#queue.take(batchSize)
      if (batch.length === 0) break
      this.#flying += 1
      void this.#fly(batch)
    }
    if (this.#flying === 0 && this.#queue.size === 0) this.#onIdle?.()
  }

  async #fly(batch: Waiting[]): Promise<void> {
    this.#sizes.observe(batch.length)
    try {
      const { outcomes, partitions } = await storePatiently(
        this.#options.pool,
        batch.map(({ send }) => send),
      )
      this.#options.onStored(partitions)
      for (const [i, { resolve, reject }] of batch.entries()) {
        const outcome = outcomes[i]
        if (outcome === undefined || outcome instanceof AppError) reject(outcome ?? new AppError('internal'))
        else resolve(outcome)
      }
    } catch (error) {
      for (const { reject } of batch) reject(error)
    } finally {
      this.#queue.release(batch)
      this.#flying -= 1
      this.#schedule()
    }
  }
}
