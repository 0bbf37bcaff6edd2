import { fullJitter } from '@finnigram/admission'
import type pg from 'pg'
import { isOvertime, isUnavailable } from '../errors.ts'
import { pause } from '../lifecycle/wait.ts'
import type { Logger } from '../logger/logger.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { parkedCounter } from '../parked/parked.ts'
import { reasonOf } from '../parked/parked-table.ts'
import type { RedisLink } from '../redis/open-redis.ts'
import { createOutboxFloor, surveyOutbox } from './outbox-floor.ts'
import { beginCarefully, parkEntry, uncountTry } from './park-entries.ts'
import { publishAgain } from './publish-again.ts'
import { createPublisher, isFenced, type Publisher } from './publish-entries.ts'
import { forgetSent, trimStreams } from './retention.ts'
import { hasBegun, type OutboxRound, takeEntries } from './take-entries.ts'

export interface RelayOptions {
  pool: pg.Pool
  redis: RedisLink
  log: Logger
  metrics: Metrics
  /** Partitions there are, counted from 0. */
  partitions: number
  /** The Redis stream of a partition. */
  stream: (partition: number) => string
  /** Entries a stream keeps, about, and none for longer than three quarters of an hour; 100,000 when not said. */
  keep?: number
  /** Bytes a stream keeps, about; 64 MiB when not said, and less where Redis has little memory. */
  keepBytes?: number
  /** Milliseconds between looks at the table for what nobody announced; 1000 when not said. */
  pollEveryMs?: number
  /** Nothing is read while this says no: the outbox may still have to be migrated. */
  isReady?: () => boolean
}

export interface Relay extends AsyncDisposable {
  /** Says that events of these partitions were just committed. Returns at once; calls during a round are gathered into the next. */
  wake(partitions: Iterable<number>): void
}

const [trimEveryMs, forgetEveryMs] = [5000, 15_000]
/** What has waited for longer may be what ends its process. */
const suspiciousAfterSeconds = 30

/**
 * Moves committed events from the outbox to Redis streams: at least once, in order of commit per key, however many
 * relays run. While Redis or PostgreSQL is away, events stay in the table. What was published is kept for two minutes
 * (`outbox_sent`): where another Redis takes over that lacks the last of it, that is published again before anything
 * new. Disposing publishes what is known to wait and ends.
 */
export function createRelay(options: RelayOptions): Relay {
  return new OutboxRelay(options)
}

class OutboxRelay implements Relay {
  readonly #options: RelayOptions
  readonly #pollEveryMs: number
  readonly #figures: ReturnType<typeof relayFigures>
  readonly #publisher: Publisher
  readonly #ending = new AbortController()
  readonly #floor = createOutboxFloor()
  readonly #dirty = new Set<number>()
  readonly #running: Promise<void>
  #wakeUp = () => {}
  #polledAt = Number.NEGATIVE_INFINITY
  #trimmedAt = Number.NEGATIVE_INFINITY
  #forgotAt = Number.NEGATIVE_INFINITY
  /** The server whose streams are known to hold what was published. */
  #comparedWith: string | undefined
  #failures = 0
  /** Why a round failed that should not have: until one goes well, rounds are small and counted. */
  #trouble: string | undefined
  #oldestSeconds = 0

  constructor(options: RelayOptions) {
    const { redis, metrics, stream, keep = 100_000 } = options
    this.#options = options
    this.#pollEveryMs = options.pollEveryMs ?? 1000
    this.#figures = relayFigures(metrics)
    this.#publisher = createPublisher(redis.commands, { stream, keep })
    this.#running = this.#run()
  }

  wake(partitions: Iterable<number>): void {
    for (const partition of partitions) this.#dirty.add(partition)
    this.#wakeUp()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    this.#wakeUp()
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
    if (!isReady()) return this.#untilWoken()
    if (performance.now() - this.#polledAt >= this.#pollEveryMs) await this.#poll()
    if (!redis.isUp)
      return this.#dirty.size === 0 ? this.#untilWoken() : void (await redis.whenUp(this.#pollEveryMs))
    if (!(await redis.server.whenIdentified(this.#pollEveryMs))) return
    // A Redis that is full takes nothing until it is trimmed.
    if (performance.now() - this.#trimmedAt >= trimEveryMs) await this.#trim()
    if (!this.#isCompared) await this.#compare()
    if (performance.now() - this.#forgotAt >= forgetEveryMs) await this.#forget()
    if (this.#dirty.size === 0) await this.#untilWoken()
    else await this.#moveRound()
  }

  get #isCompared(): boolean {
    const { isUp, server } = this.#options.redis
    return isUp && server.identity !== undefined && server.identity === this.#comparedWith
  }

  /** Nothing new is published on a server until it holds what was published before. */
  async #compare(): Promise<void> {
    const { pool, redis, partitions, stream, log } = this.#options
    const { identity } = redis.server
    const lost = await publishAgain(pool, { partitions, stream }, this.#publisher)
    this.#comparedWith = identity
    this.#figures.again.inc(lost)
    if (lost > 0) log.warn('Events that Redis had lost are published again', { events: lost })
  }

  async #poll(): Promise<void> {
    this.#polledAt = performance.now()
    const survey = await surveyOutbox(this.#options.pool, this.#floor.nextSurveyFrom())
    this.#floor.note(survey)
    this.#oldestSeconds = survey.oldestSeconds
    this.#figures.lag.set(survey.oldestSeconds)
    this.#figures.waiting.set(survey.count)
    this.wake(survey.partitions.filter((partition) => partition < this.#options.partitions))
  }

  async #trim(): Promise<void> {
    this.#trimmedAt = performance.now()
    const { redis, partitions, stream, keepBytes = 64 * 1024 * 1024 } = this.#options
    const { memory } = redis.server
    const names = Array.from({ length: partitions }, (_, partition) => stream(partition))
    const mayUse = memory && memory.most > 0 ? memory.most / (memory.isTight ? 4 : 2) : Infinity
    const largest = await trimStreams(redis.commands, names, Math.min(keepBytes, mayUse / partitions))
    this.#figures.largest.set(largest)
  }

  async #forget(): Promise<void> {
    this.#forgotAt = performance.now()
    this.#figures.kept.set(await forgetSent(this.#options.pool))
  }

  async #moveRound(): Promise<void> {
    const chosen = [...this.#dirty]
    this.#dirty.clear()
    const startedAt = performance.now()
    const isCareful = this.#trouble !== undefined || this.#oldestSeconds > suspiciousAfterSeconds
    // One by one, what is wrong with a partition holds back no other.
    const rounds = isCareful ? chosen.map((partition) => [partition]) : [chosen]
    const failures: unknown[] = []
    for (const partitions of rounds) {
      const done = await this.#move({ partitions, above: this.#floor.id }, isCareful).catch((error) => {
        failures.push(error)
        return { moved: 0, isMore: true }
      })
      if (done.isMore) for (const partition of partitions) this.#dirty.add(partition)
      this.#figures.published.inc(done.moved)
    }
    const failed = failures.find(hasFailed)
    this.#trouble = failed === undefined ? undefined : reasonOf(failed)
    if (failures.length > 0) throw failed ?? failures[0]
    this.#figures.seconds.observe((performance.now() - startedAt) / 1000)
  }

  #move(round: OutboxRound, isCareful: boolean): Promise<{ moved: number; isMore: boolean }> {
    return isCareful ? this.#moveCarefully(round) : takeEntries(this.#options.pool, round, this.#publisher)
  }

  /** A round for rows that may be what fails: the first is parked once it was tried too often. */
  async #moveCarefully(round: OutboxRound): Promise<{ moved: number; isMore: boolean }> {
    const { pool, log } = this.#options
    const { most, firstId, hopeless } = await beginCarefully(pool, round)
    if (firstId === undefined || hopeless === undefined) {
      try {
        return await takeEntries(pool, { ...round, most }, this.#publisher)
      } catch (error) {
        if (firstId !== undefined && !hasFailed(error)) await uncountTry(pool, firstId).catch(() => {})
        throw error
      }
    }
    const reason = this.#trouble ?? hopeless
    await parkEntry(pool, firstId, reason)
    this.#figures.parked.inc({ kind: 'outbox' })
    log.error('An event that could not be published is parked', { id: firstId, reason })
    return { moved: 0, isMore: true }
  }

  #untilWoken(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#pollEveryMs)
      this.#wakeUp = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #recovered(): void {
    if (this.#failures === 0 || this.#dirty.size > 0) return
    this.#options.log.info('The relay moves events again', { failures: this.#failures })
    this.#failures = 0
  }

  async #failed(error: unknown): Promise<void> {
    const { log } = this.#options
    this.#failures += 1
    this.#figures.failures.inc()
    if (this.#failures === 1) log.warn('The relay could not move events and tries again', { error })
    await pause(10 + fullJitter(this.#failures, { maxMs: 2000 }), this.#ending.signal)
  }
}

/** Whether a round failed by what was in it, and not because something is away, or this relay stood still. */
const hasFailed = (error: unknown) =>
  !isFenced(error) && hasBegun(error) && (!isUnavailable(error) || isOvertime(error))

function relayFigures(metrics: Metrics) {
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
