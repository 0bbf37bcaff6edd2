import { fullJitter } from '@finnigram/admission'
import type { Redis } from 'ioredis'
import { AppError } from '../errors.ts'
import type { Health } from '../health.ts'
import { pause } from '../lifecycle/wait.ts'
import type { Logger } from '../logger/logger.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { ParkedStore } from '../parked/parked.ts'
import { parkedCounter } from '../parked/parked.ts'
import { reasonOf } from '../parked/parked-table.ts'
import { becomesReady, blockMs, type RedisLink } from '../redis/open-redis.ts'
import {
  countAsRead,
  findWornOut,
  forgetConsumers,
  type GroupNames,
  inspectGroup,
  planGroup,
  reclaim,
  setBack,
} from './consumer-group.ts'
import {
  type BatchHandlers,
  type EventHandlers,
  type EventSchemas,
  handleEntry,
  handleTogether,
  type Outcome,
  toRuns,
} from './handle-entries.ts'
import { parkEvent, parkedEvents } from './parked-events.ts'
import { type RawStreams, type StreamEntry, toStreamEntry } from './redis-streams.ts'

/** Entries of a stream that one read takes; all of them are acknowledged together. */
const readAtMost = 100

export interface ConsumerOptions<S extends EventSchemas> {
  redis: RedisLink
  log: Logger
  metrics: Metrics
  streams: readonly string[]
  /** Shared by all nodes that divide this work among them. */
  group: string
  /** This node's name. */
  consumer: string
  /** The payload's schema by event type. */
  events: S
  handlers: EventHandlers<S>
  /** Where several events can be handled in one go: tried first for those of one type that follow each other. */
  batches?: BatchHandlers<S>
  /**
   * Called before the first read when there is no group (a new service, or a Redis that lost everything), and when
   * entries were trimmed unread: what came earlier must be fetched from its source. Reading begins where the streams
   * stood when it was called, once it has resolved. Without it, a new group reads all that the streams still hold.
   */
  onReset?: (reason: 'new' | 'trimmed', signal: AbortSignal) => Promise<void>
  /** Failures of one entry before it is parked; 5 when not said. */
  attempts?: number
  /** Tells, when a handler took too long, whether what it depends on is there: if so, that counts as a failure. */
  health?: Pick<Health, 'report'>
  /** After how many milliseconds an entry that another consumer holds is taken over; 60,000 when not said. */
  reclaimAfterMs?: number
}

export interface Consumer extends AsyncDisposable {
  /** Resolves when the group exists, `onReset` is through, and reading has begun. */
  readonly ready: Promise<void>
  /** What this group has parked on its streams; a retry hands it to the handlers once more. */
  readonly parked: ParkedStore
}

/**
 * Reads streams as one of a group: every entry is handled at least once, in order per stream while nothing fails.
 * Takes over what dead consumers held; parks what keeps failing on `<stream>:parked` with its error; waits out outages
 * of Redis, and begins anew when Redis has lost the group. Disposing finishes the entries under way.
 */
export function createConsumer<S extends EventSchemas>(options: ConsumerOptions<S>): Consumer {
  return new GroupConsumer(options)
}

class GroupConsumer<S extends EventSchemas> implements Consumer {
  readonly #options: ConsumerOptions<S>
  readonly #names: GroupNames
  readonly #redis: Redis
  readonly #reader: Redis
  readonly #figures: ReturnType<typeof consumerFigures>
  readonly #ending = new AbortController()
  readonly #begun = Promise.withResolvers<void>()
  readonly #running: Promise<void>
  readonly ready = this.#begun.promise
  readonly #reclaimAfterMs: number
  readonly #blockMs: number
  readonly #replacement: Disposable
  readonly parked: ParkedStore
  #isPrepared = false
  #reclaimedAt = 0

  constructor(options: ConsumerOptions<S>) {
    const { reclaimAfterMs = 60_000 } = options
    this.#options = options
    this.#reclaimAfterMs = reclaimAfterMs
    this.#blockMs = Math.min(blockMs, Math.ceil(reclaimAfterMs / 4))
    this.#names = options
    this.#redis = options.redis.commands
    this.#reader = options.redis.openBlocking()
    this.#reader.on('close', () => {
      this.#isPrepared = false
    })
    this.#replacement = options.redis.server.onReplaced(() => {
      this.#isPrepared = false
    })
    this.#figures = consumerFigures(options.metrics)
    this.parked = parkedEvents(this.#redis, { ...this.#names, handle: (entry) => this.#handleOnce(entry) })
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
        if (!this.#isPrepared) await this.#prepare()
        await this.#reclaimSometimes()
        await this.#handle(await this.#read('>', this.#blockMs))
        failures = 0
      } catch (error) {
        if (this.#ending.signal.aborted) return
        this.#isPrepared = false
        failures += 1
        const { redis, log, group } = this.#options
        if (failures === 1 && redis.isUp) log.warn('Consuming streams failed', { group, error })
        await pause(20 + fullJitter(failures, { maxMs: 2000 }), this.#ending.signal)
      }
    }
  }

  async #prepare(): Promise<void> {
    const { onReset, log, group } = this.#options
    if (!(await becomesReady(this.#reader, blockMs, this.#ending.signal)))
      throw new Error('There is no connection to Redis')
    const { missing, trimmed, ahead } = await inspectGroup(this.#redis, this.#names)
    await setBack(this.#redis, this.#names, ahead)
    if (missing.length > 0 || trimmed.length > 0) {
      const create = await planGroup(this.#redis, this.#names, missing, onReset ? 'now' : '0')
      log.info('A consumer group begins anew', {
        group,
        missing,
        trimmed: trimmed.map(({ stream }) => stream),
      })
      await onReset?.(missing.length > 0 ? 'new' : 'trimmed', this.#ending.signal)
      await create()
      await countAsRead(this.#redis, this.#names, trimmed)
    }
    this.#isPrepared = true
    for (let begun = await this.#read('0'); begun.length > 0; begun = await this.#read('0')) {
      await this.#handleAgain(begun)
      this.#ending.signal.throwIfAborted()
    }
    this.#begun.resolve()
  }

  async #read(from: '>' | '0', block?: number): Promise<StreamEntry[]> {
    const { group, consumer, streams } = this.#names
    const where = [...streams, ...streams.map(() => from)]
    const waiting = block === undefined ? [] : ['BLOCK', block]
    const options = ['GROUP', group, consumer, 'COUNT', readAtMost, ...waiting, 'STREAMS', ...where]
    const reply = (await this.#reader.call('XREADGROUP', ...options)) as RawStreams | null
    return (reply ?? []).flatMap(([stream, entries]) => entries.map((entry) => toStreamEntry(stream, entry)))
  }

  async #reclaimSometimes(): Promise<void> {
    if (performance.now() - this.#reclaimedAt < this.#reclaimAfterMs / 4) return
    this.#reclaimedAt = performance.now()
    await this.#handleAgain(await reclaim(this.#redis, this.#names, this.#reclaimAfterMs))
    await forgetConsumers(this.#redis, this.#names)
  }

  /** Entries that were begun before: one that was begun too often may be what kills its consumers. */
  async #handleAgain(entries: StreamEntry[]): Promise<void> {
    if (entries.length === 0) return
    const { attempts = 5 } = this.#options
    const wornOut = await findWornOut(this.#redis, this.#names, { entries, attempts })
    for (const entry of wornOut)
      await this.#giveUp(entry, new Error('It was begun too often and never finished'))
    await this.#handle(entries.filter((entry) => !wornOut.has(entry)))
  }

  async #handle(entries: StreamEntry[]): Promise<void> {
    const byStream = Map.groupBy(entries, ({ stream }) => stream)
    await Promise.all([...byStream.values()].map((own) => this.#handleInOrder(own)))
  }

  async #handleInOrder(entries: StreamEntry[]): Promise<void> {
    const { events, batches = {}, group } = this.#options
    const finished: string[] = []
    for (const run of toRuns(entries, batches)) {
      if (await handleTogether(run, { events, batches })) {
        finished.push(...run.map(({ id }) => id))
        this.#figures.handled.labels(group, 'done').inc(run.length)
      } else if (!(await this.#handleAlone(run, finished))) break
    }
    const stream = entries[0]?.stream
    if (stream !== undefined && finished.length > 0) await this.#redis.xack(stream, group, ...finished)
  }

  /** Whether it came to the end; adds to `finished` what is done. */
  async #handleAlone(entries: StreamEntry[], finished: string[]): Promise<boolean> {
    const { attempts = 5, group } = this.#options
    for (const entry of entries) {
      const outcome = await this.#handleEntry(entry, attempts)
      if (outcome === 'interrupted') return false
      if (!outcome.done) await this.#giveUp(entry, outcome.error)
      else finished.push(entry.id)
      this.#figures.handled.labels(group, outcome.done ? 'done' : 'parked').inc()
    }
    return true
  }

  #handleEntry(entry: StreamEntry, attempts: number): Promise<Outcome> {
    return handleEntry(entry, { ...this.#options, attempts, signal: this.#ending.signal })
  }

  /** A retry that an operator asked for: it goes well, or throws. */
  async #handleOnce(entry: StreamEntry): Promise<void> {
    const outcome = await this.#handleEntry(entry, 1)
    if (outcome === 'interrupted') throw new AppError('unavailable')
    if (!outcome.done) throw outcome.error
  }

  async #giveUp(entry: StreamEntry, error: unknown): Promise<void> {
    const { log, group } = this.#options
    const { stream, id, type } = entry
    await parkEvent(this.#redis, this.#names, entry, reasonOf(error))
    await this.#redis.xack(stream, group, id)
    this.#figures.parked.inc({ kind: 'event' })
    log.error('An event is parked', { group, stream, id, type, error })
  }
}

function consumerFigures(metrics: Metrics) {
  return {
    handled: metrics.counter('events_consumed_total', 'Events handled or parked', ['group', 'outcome']),
    parked: parkedCounter(metrics),
  }
}
