import { AppError, type Metrics } from '@finnigram/service-kit'
import type pg from 'pg'
import type { NewSend, Sent } from './new-send.ts'
import { createSendQueue } from './send-queue.ts'
import { storeSends } from './store-sends.ts'

/** Sends of one statement. */
const batchSize = 100
/** Statements in flight at once: while one waits for the disk, the next is worked on. */
const mostInFlight = 2
/** Sends that may wait: half a second at the measured speed. More are refused with Retry-After. */
const mostWaiting = 10_000
/** Of one person: more than the rate limit admits while the database stands still. */
const mostWaitingOfOne = 1_000
const mostWaitingBytes = 64 * 2 ** 20

export interface BatcherOptions {
  pool: pg.Pool
  metrics: Metrics
  /** Called after a commit, with the outbox partitions that have new entries. */
  onStored: (partitions: Iterable<number>) => void
}

/** Gathers the sends of the whole process into few statements. */
export interface SendBatcher extends AsyncDisposable {
  /**
   * Stores a message. Sends of one conversation are stored in the order of these calls. Rejects
   * with an `AppError`, or with the database's error.
   */
  send(send: NewSend): Promise<Sent>
}

/** What sends messages in batches; part of the root's context. */
export interface WithSendBatcher {
  readonly sends: SendBatcher
}

interface Waiting {
  send: NewSend
  resolve: (sent: Sent) => void
  reject: (error: unknown) => void
}

/**
 * A micro-batcher without a delay: a flush starts as soon as a statement may. What arrives while
 * statements are in flight makes the next batch, which is larger under load.
 */
export function createSendBatcher(options: BatcherOptions): SendBatcher {
  return new Batcher(options)
}

class Batcher implements SendBatcher {
  readonly #options: BatcherOptions
  readonly #queue = createSendQueue<Waiting>()
  readonly #sizes: { observe(size: number): void }
  readonly #refused: { inc(labels: { bound: string }): void }
  #inFlight = 0
  #isScheduled = false
  #onIdle: (() => void) | undefined

  constructor(options: BatcherOptions) {
    this.#options = options
    this.#sizes = options.metrics.histogram('send_batch_size', 'Messages stored by one statement', {
      buckets: [1, 2, 5, 10, 20, 50, 100],
    })
    this.#refused = options.metrics.counter(
      'sends_refused_total',
      'Sends refused with Retry-After because too many wait to be stored',
      ['bound'],
    )
  }

  send(send: NewSend): Promise<Sent> {
    const bound = this.#boundReached(send)
    if (bound) {
      this.#refused.inc({ bound })
      return Promise.reject(new AppError('unavailable', { retryAfter: 1 }))
    }
    return new Promise((resolve, reject) => {
      this.#queue.add({ send, resolve, reject })
      this.#schedule()
    })
  }

  /** The bound that is reached, if any. */
  #boundReached({ senderId }: NewSend): 'number' | 'bytes' | 'person' | undefined {
    if (this.#queue.size >= mostWaiting) return 'number'
    if (this.#queue.bytes >= mostWaitingBytes) return 'bytes'
    return this.#queue.waitingOf(senderId) >= mostWaitingOfOne ? 'person' : undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#inFlight === 0 && this.#queue.size === 0) return
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve
    })
  }

  /** Flushes at the end of this turn of the event loop, so that sends of one turn share a batch. */
  #schedule(): void {
    if (this.#isScheduled || this.#inFlight >= mostInFlight) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      this.#flush()
    })
  }

  #flush(): void {
    while (this.#inFlight < mostInFlight) {
      const batch = this.#queue.take(batchSize)
      if (batch.length === 0) break
      this.#inFlight += 1
      void this.#storeBatch(batch)
    }
    if (this.#inFlight === 0 && this.#queue.size === 0) this.#onIdle?.()
  }

  async #storeBatch(batch: Waiting[]): Promise<void> {
    this.#sizes.observe(batch.length)
    try {
      const { outcomes, partitions } = await storeSends(
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
      this.#inFlight -= 1
      this.#schedule()
    }
  }
}
