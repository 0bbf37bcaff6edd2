import { AppError } from '@finnigram/service-kit'
import type pg from 'pg'
import { keyOf, type MovedMarkers, moveMarkers, type WantedMarker } from './store-markers.ts'

/** How far somebody says to have read, or received, in a conversation. */
export interface NewMarker {
  userId: string
  conversationId: string
  kind: 'read' | 'delivered'
  seq: number
}

/** Markers are written this far apart at least, in milliseconds: many then share a statement and a flush. */
const apartMs = 50
/** The first after a pause waits only for those that come with it. */
const gatherMs = 10
/** Markers of one statement. */
const batchSize = 2000
/** People in conversations whose markers may wait; more are turned away, to come back. */
const mostWaiting = 50_000

export interface MarkerBatcherOptions {
  pool: pg.Pool
  /** Called after the commit with what moved. */
  onMoved: (what: MovedMarkers) => void
}

/** Gathers the markers of the whole process: every device of everyone in a conversation moves one for every message. */
export interface MarkerBatcher extends AsyncDisposable {
  /** Moves a marker; resolves after the commit. Rejects with `not_found` when the person is not in the conversation. */
  move(marker: NewMarker): Promise<void>
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
  #hurry = () => {}
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
    this.#hurry()
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
      const wait = Math.max(gatherMs, apartMs - (performance.now() - this.#flushedAt))
      const timer = setTimeout(resolve, wait)
      this.#hurry = () => {
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
      const { found, ...what } = await moveMarkers(this.#options.pool, batch)
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
