import { fullJitter } from '@finnigram/admission'
import type { Redis } from 'ioredis'
import { pause } from '../lifecycle/wait.ts'
import type { Logger } from '../logger/logger.ts'
import { becomesReady, blockMs, type RedisLink } from '../redis/open-redis.ts'
import {
  type RawEntry,
  type RawStreams,
  type StreamEntry,
  streamPositions,
  toStreamEntry,
} from './redis-streams.ts'
import { createTracker, type StreamTracker } from './stream-tracker.ts'

export interface TailOptions {
  redis: RedisLink
  log: Logger
  streams: readonly string[]
  /**
   * Gets the entries of one read, in order per stream. Must not throw; the next read waits for it.
   */
  onEntries: (entries: StreamEntry[]) => void | Promise<void>
  /** Entries were published that this reader will never see: ask the source of truth. */
  onGap: (reason: string) => void
  /** Milliseconds between checks that nothing slipped by; 2000 when not said. */
  checkEveryMs?: number
}

export interface Tail extends AsyncDisposable {
  /**
   * Resolves once the position is known: everything published from then on is delivered, or
   * reported as a gap.
   */
  readonly ready: Promise<void>
}

const readAtMost = 1000

/**
 * Tails streams from their present end: every node reads every entry, and keeps its position in
 * memory.
 *
 * Promise: each entry after `ready` is delivered in order per stream, or `onGap` is called. It
 * counts what it reads and compares with the count of Redis. So trimming, emptying, a replaced
 * Redis and a reader that is too slow are noticed within `checkEveryMs`.
 */
export function tailStreams(options: TailOptions): Tail {
  return new StreamTail(options)
}

class StreamTail implements Tail {
  readonly #options: TailOptions
  readonly #reader: Redis
  readonly #ending = new AbortController()
  readonly #running: Promise<void>
  readonly #replacement: Disposable
  readonly #located = Promise.withResolvers<void>()
  readonly ready = this.#located.promise
  #trackers = new Map<string, StreamTracker>()
  #checkedAt = 0

  constructor(options: TailOptions) {
    this.#options = options
    this.#reader = options.redis.openBlocking()
    const checkNext = () => {
      this.#checkedAt = Number.NEGATIVE_INFINITY
    }
    this.#reader.on('ready', checkNext)
    this.#replacement = options.redis.server.onReplaced(checkNext)
    this.#running = this.#run()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    this.#replacement[Symbol.dispose]()
    this.#reader.disconnect()
    await this.#running
  }

  async #run(): Promise<void> {
    let failures = 0
    while (!this.#ending.signal.aborted) {
      try {
        await this.#step()
        failures = 0
      } catch (error) {
        if (this.#ending.signal.aborted) return
        failures += 1
        if (failures === 1 && this.#options.redis.isUp)
          this.#options.log.warn('Reading streams failed', { error })
        await pause(20 + fullJitter(failures, { maxMs: 1000 }), this.#ending.signal)
      }
    }
  }

  async #step(): Promise<void> {
    const { checkEveryMs = 2000 } = this.#options
    if (!(await becomesReady(this.#reader, blockMs, this.#ending.signal)))
      throw new Error('There is no connection to Redis')
    if (this.#trackers.size === 0) await this.#locate()
    else if (performance.now() - this.#checkedAt >= checkEveryMs) await this.#check()
    await this.#read(Math.min(blockMs, checkEveryMs))
  }

  async #locate(): Promise<void> {
    const { redis, streams } = this.#options
    const positions = await streamPositions(redis.commands, streams)
    const located = streams.map((stream, i) => [stream, createTracker(positions[i])] as const)
    this.#trackers = new Map(located)
    this.#checkedAt = performance.now()
    this.#located.resolve()
  }

  async #check(): Promise<void> {
    const { redis, streams, onGap } = this.#options
    const positions = await streamPositions(redis.commands, streams)
    this.#checkedAt = performance.now()
    const gaps = streams.flatMap((stream, i) => {
      const position = positions[i]
      return position ? (this.#trackers.get(stream)?.compare(position) ?? []) : []
    })
    for (const reason of new Set(gaps)) onGap(reason)
  }

  async #read(block: number): Promise<void> {
    const { streams, onEntries, onGap } = this.#options
    const ids = streams.map((stream) => this.#trackers.get(stream)?.lastId ?? '$')
    const reply = (await this.#reader.xread(
      'COUNT',
      readAtMost,
      'BLOCK',
      block,
      'STREAMS',
      ...streams,
      ...ids,
    )) as RawStreams | null
    const entries = (reply ?? []).flatMap(([stream, raw]) => raw.map((entry) => toStreamEntry(stream, entry)))
    const gaps = this.#advance(new Map(reply))
    if (entries.length > 0) await onEntries(entries)
    for (const reason of gaps) onGap(reason)
  }

  #advance(read: Map<string, RawEntry[]>): Set<string> {
    const gaps = new Set<string>()
    for (const [stream, tracker] of this.#trackers) {
      const gap = tracker.advance((read.get(stream) ?? []).map(([id]) => id))
      if (gap) gaps.add(gap)
    }
    return gaps
  }
}
