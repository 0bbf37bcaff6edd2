import { fullJitter } from '@finnigram/admission'
import type pg from 'pg'
import { createWakeSignal, pause } from '../lifecycle/wait.ts'
import type { Logger } from '../logger/logger.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { parkedCounter, reasonOf } from '../parked/parked.ts'
import type { RedisLink } from '../redis/open-redis.ts'
import { createOutboxFloor, surveyOutbox } from './outbox-floor.ts'
import { isRowFault, moveCarefully } from './park-entries.ts'
import { publishAgain } from './publish-again.ts'
import { createPublisher, type Publisher } from './publish-entries.ts'
import { forgetSent, trimStreams } from './retention.ts'
import { type OutboxRound, takeEntries } from './take-entries.ts'

/**
 * Outbox relay: moves committed events from the table `outbox` to Redis Streams (transactional
 * outbox pattern).
 *
 * Promise: at least once, in order of commit per key, however many relays run. While Redis or
 * PostgreSQL is away, events wait in the table.
 *
 * Procedure, in a loop until disposed:
 *   1. Wait for `wake` after a commit, or poll once a second for rows that nobody announced.
 *   2. On a Redis that was not seen before (a failover), publish again what it lacks of the last
 *      two minutes. Published rows stay in `outbox_sent` for that long.
 *   3. Take a round under an advisory lock per partition, and append it with a fencing token. A
 *      relay that stood still can thus not publish after another has taken over.
 *   4. Now and then: trim the streams by age and size, delete old rows of `outbox_sent`.
 *
 * A row that fails every round (a poison message) is parked after six tries, so that it holds back
 * no other. It never publishes before the commit, never polls by `id > last` (ids are given before
 * commit; see `outbox-floor.ts`), and never waits on a request's path.
 *
 * Use cases call `appendToOutbox` in their transaction and `wake` after it. Consumers read the
 * streams (`bus/consumer.ts`, `bus/tail-streams.ts`).
 */
export interface Relay extends AsyncDisposable {
  /** Says that events of these partitions were committed. Calls during a round join the next. */
  wake(partitions: Iterable<number>): void
}

export interface RelayOptions {
  pool: pg.Pool
  redis: RedisLink
  log: Logger
  metrics: Metrics
  /** How many partitions there are, counted from 0. */
  partitions: number
  /** The Redis stream of a partition. */
  stream: (partition: number) => string
  /** Entries that a stream keeps, about; 100,000 when not said. None is older than 45 minutes. */
  keep?: number
  /** Bytes that a stream keeps, about; 64 MiB when not said, less where Redis has little memory. */
  keepBytes?: number
  /** Milliseconds between two polls; 1000 when not said. */
  pollEveryMs?: number
  /** Nothing is read while this says no: the outbox may still have to be migrated. */
  isReady?: () => boolean
}

const [trimEveryMs, forgetEveryMs] = [5000, 15_000]
/** A row that has waited for longer may be a poison message. */
const suspiciousAfterSeconds = 30

/** Disposing publishes what is known to wait and ends. */
export function createRelay(options: RelayOptions): Relay {
  return new OutboxRelay(options)
}

class OutboxRelay implements Relay {
  readonly #options: RelayOptions
  readonly #pollEveryMs: number
  readonly #metrics: ReturnType<typeof relayMetrics>
  readonly #publisher: Publisher
  readonly #ending = new AbortController()
  readonly #floor = createOutboxFloor()
  readonly #dirty = new Set<number>()
  readonly #wakeSignal = createWakeSignal()
  readonly #running: Promise<void>
  #polledAt = Number.NEGATIVE_INFINITY
  #trimmedAt = Number.NEGATIVE_INFINITY
  #forgotAt = Number.NEGATIVE_INFINITY
  /** The server whose streams are known to hold what was published. */
  #comparedWith: string | undefined
  #failures = 0
  /** Why a round failed by its rows: until one succeeds, rounds are small and counted. */
  #lastFailure: string | undefined
  #oldestSeconds = 0

  constructor(options: RelayOptions) {
    const { redis, metrics, stream, keep = 100_000 } = options
    this.#options = options
    this.#pollEveryMs = options.pollEveryMs ?? 1000
    this.#metrics = relayMetrics(metrics)
    this.#publisher = createPublisher(redis.commands, { stream, keep })
    this.#running = this.#run()
  }

  wake(partitions: Iterable<number>): void {
    for (const partition of partitions) this.#dirty.add(partition)
    this.#wakeSignal.wake()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    this.#wakeSignal.wake()
    await this.#running
  }

  async #run(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      try {
        await this.#step()
        this.#recovered()
      } catch (error) {
        await this.#failed(error)
      }
    }
    if (this.#dirty.size > 0 && this.#isCompared) await this.#moveRound().catch(() => {})
  }

  async #step(): Promise<void> {
    const { redis, isReady = () => true } = this.#options
    if (!isReady()) return this.#wakeSignal.wait(this.#pollEveryMs)
    if (performance.now() - this.#polledAt >= this.#pollEveryMs) await this.#poll()
    if (!redis.isUp)
      return this.#dirty.size === 0
        ? this.#wakeSignal.wait(this.#pollEveryMs)
        : void (await redis.whenUp(this.#pollEveryMs))
    if (!(await redis.server.whenIdentified(this.#pollEveryMs))) return
    // A full Redis takes nothing until it is trimmed.
    if (performance.now() - this.#trimmedAt >= trimEveryMs) await this.#trim()
    if (!this.#isCompared) await this.#compare()
    if (performance.now() - this.#forgotAt >= forgetEveryMs) await this.#forget()
    if (this.#dirty.size === 0) await this.#wakeSignal.wait(this.#pollEveryMs)
    else await this.#moveRound()
  }

  get #isCompared(): boolean {
    const { isUp, server } = this.#options.redis
    return isUp && server.identity !== undefined && server.identity === this.#comparedWith
  }

  /** Nothing new is published on a server before it holds what was published earlier. */
  async #compare(): Promise<void> {
    const { pool, redis, partitions, stream, log } = this.#options
    const { identity } = redis.server
    const lost = await publishAgain(pool, { partitions, stream }, this.#publisher)
    this.#comparedWith = identity
    this.#metrics.again.inc(lost)
    if (lost > 0) log.warn('Events that Redis had lost are published again', { events: lost })
  }

  async #poll(): Promise<void> {
    this.#polledAt = performance.now()
    const survey = await surveyOutbox(this.#options.pool, this.#floor.nextSurveyFrom())
    this.#floor.note(survey)
    this.#oldestSeconds = survey.oldestSeconds
    this.#metrics.lag.set(survey.oldestSeconds)
    this.#metrics.waiting.set(survey.count)
    for (const partition of survey.partitions)
      if (partition < this.#options.partitions) this.#dirty.add(partition)
  }

  async #trim(): Promise<void> {
    this.#trimmedAt = performance.now()
    const { redis, partitions, stream, keepBytes = 64 * 1024 * 1024 } = this.#options
    const { memory } = redis.server
    const names = Array.from({ length: partitions }, (_, partition) => stream(partition))
    const mayUse = memory && memory.most > 0 ? memory.most / (memory.isTight ? 4 : 2) : Infinity
    const largest = await trimStreams(redis.commands, names, Math.min(keepBytes, mayUse / partitions))
    this.#metrics.largest.set(largest)
  }

  async #forget(): Promise<void> {
    this.#forgotAt = performance.now()
    this.#metrics.kept.set(await forgetSent(this.#options.pool))
  }

  async #moveRound(): Promise<void> {
    const chosen = [...this.#dirty]
    this.#dirty.clear()
    const startedAt = performance.now()
    const isCareful = this.#lastFailure !== undefined || this.#oldestSeconds > suspiciousAfterSeconds
    // One by one, so that a faulty partition holds back no other.
    const rounds = isCareful ? chosen.map((partition) => [partition]) : [chosen]
    const failures: unknown[] = []
    for (const partitions of rounds) {
      const done = await this.#move({ partitions, above: this.#floor.id }, isCareful).catch((error) => {
        failures.push(error)
        return { moved: 0, isMore: true }
      })
      if (done.isMore) for (const partition of partitions) this.#dirty.add(partition)
      this.#metrics.published.inc(done.moved)
    }
    const failed = failures.find(isRowFault)
    this.#lastFailure = failed === undefined ? undefined : reasonOf(failed)
    if (failures.length > 0) throw failed ?? failures[0]
    this.#metrics.seconds.observe((performance.now() - startedAt) / 1000)
  }

  #move(round: OutboxRound, isCareful: boolean): Promise<{ moved: number; isMore: boolean }> {
    const { pool, log } = this.#options
    const publisher = this.#publisher
    if (!isCareful) return takeEntries(pool, round, publisher)
    const onParked = (row: { id: string; reason: string }) => {
      this.#metrics.parked.inc({ kind: 'outbox' })
      log.error('An event that could not be published is parked', row)
    }
    return moveCarefully({ pool, publisher, lastFailure: this.#lastFailure, onParked }, round)
  }

  #recovered(): void {
    if (this.#failures === 0 || this.#dirty.size > 0) return
    this.#options.log.info('The relay moves events again', { failures: this.#failures })
    this.#failures = 0
  }

  async #failed(error: unknown): Promise<void> {
    const { log } = this.#options
    this.#failures += 1
    this.#metrics.failures.inc()
    if (this.#failures === 1) log.warn('The relay could not move events and tries again', { error })
    await pause(10 + fullJitter(this.#failures, { maxMs: 2000 }), this.#ending.signal)
  }
}

function relayMetrics(metrics: Metrics) {
  return {
    lag: metrics.gauge('outbox_lag_seconds', 'Age of the oldest event that is not published yet'),
    waiting: metrics.gauge('outbox_waiting', 'Events that are not published yet'),
    published: metrics.counter('outbox_published_total', 'Events published'),
    again: metrics.counter('outbox_published_again_total', 'Events published again that Redis had lost'),
    largest: metrics.gauge('stream_bytes_max', 'Bytes of Redis that the largest stream takes'),
    kept: metrics.gauge('outbox_sent_oldest_seconds', 'Age of the oldest published event that is still kept'),
    failures: metrics.counter('outbox_failures_total', 'Rounds that failed and were tried again'),
    parked: parkedCounter(metrics),
    seconds: metrics.histogram('outbox_round_seconds', 'Time to take and publish a round of events'),
  }
}
