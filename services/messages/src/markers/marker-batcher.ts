import { AppError } from '@finnigram/service-kit'
import type { WithPool } from '../deps.ts'
import { keyOf, type MovedMarkers, storeMarkers, type WantedMarker } from './store-markers.ts'

/**
 * Read and delivery markers (receipts): how far each participant has read, and how far messages
 * reached their devices. Routes and realtime nodes move them; every device moves one for every
 * message.
 *
 * Promise: markers only move forward, and never past the last message. What is read is delivered. A
 * move resolves after its commit.
 *
 * Procedure:
 * 1. Collect the moves of the whole process, the furthest of each participant.
 * 2. At most 20 times a second, write them in one statement and one commit (`store-markers.ts`).
 * 3. After the commit, publish what moved over pub/sub, and reads for notifications on a stream
 *    (`publish-markers.ts`). Both may be lost; the next sync brings the markers anyway.
 *
 * Others never see the read marker of a person who hides read receipts. While one of two people
 * blocks the other, both markers are frozen for the other side (`freeze-read-receipts.ts`).
 *
 * It never changes an event log or a conversation's version: markers are no events.
 */

/** A request to move one marker of a participant to `seq`. */
export interface NewMarker {
  userId: string
  conversationId: string
  kind: 'read' | 'delivered'
  seq: number
}

/** Least milliseconds between two writes, so that many markers share a statement and a commit. */
const betweenWritesMs = 50
/** Milliseconds that the first marker after a pause waits for others. */
const gatherMs = 10
/** Participants in one statement. */
const batchSize = 2000
/** Participants whose markers may wait; further ones get `unavailable`. */
const mostWaiting = 50_000

interface MarkerBatcherOptions extends WithPool {
  /** Called after the commit with what moved. */
  onMoved: (what: MovedMarkers) => void
}

export interface MarkerBatcher extends AsyncDisposable {
  /** Moves a marker; resolves after the commit. Rejects with `not_found` for a non-participant. */
  move(marker: NewMarker): Promise<void>
}

export interface WithMarkerBatcher {
  readonly markers: MarkerBatcher
}

interface Waiting extends WantedMarker {
  settled: Promise<void>
  resolve: () => void
  reject: (error: unknown) => void
}

export function createMarkerBatcher(options: MarkerBatcherOptions): MarkerBatcher {
  return new Batcher(options)
}

class Batcher implements MarkerBatcher {
  readonly #options: MarkerBatcherOptions
  #waiting = new Map<string, Waiting>()
  #running: Promise<void> | undefined
  #flushNow = () => {}
  #isEnding = false
  #flushedAt = Number.NEGATIVE_INFINITY

  constructor(options: MarkerBatcherOptions) {
    this.#options = options
  }

  move({ userId, conversationId, kind, seq }: NewMarker): Promise<void> {
    const key = keyOf({ conversationId, userId })
    let entry = this.#waiting.get(key)
    if (!entry) {
      if (this.#waiting.size >= mostWaiting)
        return Promise.reject(new AppError('unavailable', { retryAfter: 1 }))
      const { promise: settled, resolve, reject } = Promise.withResolvers<void>()
      entry = { userId, conversationId, readSeq: 0, deliveredSeq: 0, settled, resolve, reject }
      this.#waiting.set(key, entry)
    }
    const reach = Math.min(seq, 2 ** 31 - 1)
    if (kind === 'read') entry.readSeq = Math.max(entry.readSeq, reach)
    else entry.deliveredSeq = Math.max(entry.deliveredSeq, reach)
    this.#running ??= this.#run()
    return entry.settled
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnding = true
    this.#flushNow()
    await this.#running
  }

  async #run(): Promise<void> {
    while (this.#waiting.size > 0) {
      if (!this.#isEnding) await this.#gather()
      await this.#flush(this.#take())
    }
    this.#running = undefined
  }

  #gather(): Promise<void> {
    return new Promise((resolve) => {
      const wait = Math.max(gatherMs, betweenWritesMs - (performance.now() - this.#flushedAt))
      const timer = setTimeout(resolve, wait)
      this.#flushNow = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #take(): Waiting[] {
    const batch: Waiting[] = []
    for (const [key, entry] of this.#waiting) {
      if (batch.length >= batchSize) break
      batch.push(entry)
      this.#waiting.delete(key)
    }
    return batch
  }

  async #flush(batch: Waiting[]): Promise<void> {
    this.#flushedAt = performance.now()
    try {
      const { found, ...what } = await storeMarkers(this.#options.pool, batch)
      if (what.moved.length > 0) this.#options.onMoved(what)
      for (const entry of batch) {
        if (found.has(keyOf(entry))) entry.resolve()
        else entry.reject(new AppError('not_found'))
      }
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
}
