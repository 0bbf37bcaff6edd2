import { fullJitter } from '@finnigram/admission'
import type { Redis } from 'ioredis'
import type { z } from 'zod'
import { AppError, isOvertime, isUnavailable } from '../errors.ts'
import type { Health } from '../health.ts'
import { pause } from '../lifecycle/wait.ts'
import type { Logger } from '../logger/logger.ts'
import { withRequestId } from '../logger/request-context.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { parkedCounter, reasonOf } from '../parked/parked.ts'
import { findWornOut, type GroupNames } from './consumer-group.ts'
import { parkEvent } from './parked-events.ts'
import type { StreamEntry } from './redis-streams.ts'

/** The payload's schema of every event type of a stream. */
export type EventSchemas = Readonly<Record<string, z.ZodType>>

/**
 * A handler for each event type. It may run twice, and may meet events older than what it knows.
 */
export type EventHandlers<S extends EventSchemas> = {
  readonly [T in keyof S]?: (payload: z.output<S[T]>, entry: StreamEntry) => unknown
}

/** A handler for several events of one type, in order. Some of them may be handled again, alone. */
type BatchHandlers<S extends EventSchemas> = {
  readonly [T in keyof S]?: (payloads: z.output<S[T]>[]) => Promise<unknown>
}

export interface EntryHandlerOptions<S extends EventSchemas> extends GroupNames {
  log: Logger
  metrics: Metrics
  /** The payload's schema by event type. */
  events: S
  handlers: EventHandlers<S>
  /** Tried first for events of one type that follow each other. */
  batches?: BatchHandlers<S>
  /** Failures of one entry before it is parked; 5 when not said. */
  attempts?: number
  /**
   * Says whether the dependencies are up when a handler timed out. Where they are, that is a
   * failure.
   */
  health?: Pick<Health, 'report'>
}

/** Handles the entries of a consumer group, in order per stream, and acknowledges or parks them. */
export interface EntryHandler {
  handle(entries: readonly StreamEntry[]): Promise<void>
  /** The same for entries that were delivered before. Parks those that were delivered too often. */
  handleAgain(entries: readonly StreamEntry[]): Promise<void>
  /** An operator's retry of a parked entry: it succeeds, or throws. */
  handleOnce(entry: StreamEntry): Promise<void>
}

export function createEntryHandler<S extends EventSchemas>(
  options: EntryHandlerOptions<S>,
  { redis, signal }: { redis: Redis; signal: AbortSignal },
): EntryHandler {
  const { events, batches = {}, group, metrics, attempts = 5 } = options
  const outcomes = ['group', 'outcome'] as const
  const handled = metrics.counter('events_consumed_total', 'Events handled or parked', outcomes)
  const giveUp = createGiveUp(options, redis)

  /** Adds finished entries to `finished`. False when the consumer stopped before the end. */
  const handleEach = async (entries: readonly StreamEntry[], finished: string[]) => {
    for (const entry of entries) {
      const outcome = await handleEntry(entry, { ...options, attempts, signal })
      if (outcome === 'interrupted') return false
      if (!outcome.done) await giveUp(entry, outcome.error)
      else finished.push(entry.id)
      handled.labels(group, outcome.done ? 'done' : 'parked').inc()
    }
    return true
  }
  const handleStream = async (stream: string, entries: readonly StreamEntry[]) => {
    const finished: string[] = []
    for (const run of toRuns(entries, batches)) {
      if (await handleBatch(run, { events, batches })) {
        finished.push(...run.map(({ id }) => id))
        handled.labels(group, 'done').inc(run.length)
      } else if (!(await handleEach(run, finished))) break
    }
    if (finished.length > 0) await redis.xack(stream, group, ...finished)
  }
  const handle = async (entries: readonly StreamEntry[]) => {
    const byStream = [...Map.groupBy(entries, ({ stream }) => stream)]
    await Promise.all(byStream.map(([stream, own]) => handleStream(stream, own)))
  }
  return {
    handle,
    async handleAgain(entries) {
      if (entries.length === 0) return
      const wornOut = await findWornOut(redis, options, { entries, attempts })
      for (const entry of wornOut) await giveUp(entry, new Error('It was begun too often and never finished'))
      await handle(entries.filter((entry) => !wornOut.has(entry)))
    },
    async handleOnce(entry) {
      const outcome = await handleEntry(entry, { ...options, attempts: 1, signal })
      if (outcome === 'interrupted') throw new AppError('unavailable')
      if (!outcome.done) throw outcome.error
    },
  }
}

/** Parks an entry with its error and acknowledges it. */
function createGiveUp(
  { group, log, metrics }: { group: string; log: Logger; metrics: Metrics },
  redis: Redis,
) {
  const parked = parkedCounter(metrics)
  return async (entry: StreamEntry, error: unknown) => {
    const { stream, id, type } = entry
    await parkEvent(redis, { group }, entry, reasonOf(error))
    await redis.xack(stream, group, id)
    parked.inc({ kind: 'event' })
    log.error('An event is parked', { group, stream, id, type, error })
  }
}

type Outcome = { done: true } | { done: false; error: unknown } | 'interrupted'

/**
 * Calls the handler until it succeeds. While a dependency is away it retries for as long as that
 * takes. Any other failure counts, also a timeout while all dependencies are up; after `attempts`
 * of them the entry is given up. One that its schema refuses is given up at once.
 */
async function handleEntry<S extends EventSchemas>(
  entry: StreamEntry,
  options: EntryHandlerOptions<S> & { attempts: number; signal: AbortSignal },
): Promise<Outcome> {
  const { events, handlers, attempts, signal, group, metrics, health } = options
  // A type may be named like something that every object has, such as `toString`.
  const schema = Object.hasOwn(events, entry.type) ? events[entry.type] : undefined
  if (!schema) {
    unknownCounter(metrics).inc({ reader: group })
    return { done: true }
  }
  const handler = handlers[entry.type]
  if (!handler) return { done: true }
  const read = readPayload(entry, schema)
  if ('error' in read) return { done: false, error: read.error }
  const work = async () => handler(read.payload as z.output<S[string]>, entry)
  let failures = 0
  for (let tries = 0; !signal.aborted; tries += 1) {
    try {
      await (entry.requestId ? withRequestId(entry.requestId, work) : work())
      return { done: true }
    } catch (error) {
      if (!isUnavailable(error) || (isOvertime(error) && (await isHealthy(health)))) failures += 1
      if (failures >= attempts) return { done: false, error }
      await pause(20 + fullJitter(tries, { maxMs: 3000 }), signal)
    }
  }
  return 'interrupted'
}

/** Counts events that were skipped because only a newer version knows their type. */
export const unknownCounter = (metrics: Metrics) =>
  metrics.counter('events_unknown_total', 'Events skipped because only a newer version knows their type', [
    'reader',
  ])

/** Whether the required dependencies are up; true where nobody can tell. */
async function isHealthy(health: Pick<Health, 'report'> | undefined): Promise<boolean> {
  const { dependencies = {} } = (await health?.report()) ?? {}
  return Object.values(dependencies).every(({ required, state }) => !required || state !== 'down')
}

function readPayload({ payload }: StreamEntry, schema: z.ZodType): { payload: unknown } | { error: unknown } {
  try {
    return { payload: schema.parse(JSON.parse(payload)) }
  } catch (error) {
    return { error }
  }
}

/**
 * Splits entries into runs: neighbours of one type with a batch handler, and each other one alone.
 */
function toRuns<S extends EventSchemas>(
  entries: readonly StreamEntry[],
  batches: BatchHandlers<S>,
): StreamEntry[][] {
  const runs: StreamEntry[][] = []
  for (const entry of entries) {
    const run = runs.at(-1)
    if (run?.[0]?.type === entry.type && batches[entry.type]) run.push(entry)
    else runs.push([entry])
  }
  return runs
}

/** Whether the batch handler took the whole run. If not, each entry is handled alone. */
async function handleBatch<S extends EventSchemas>(
  run: readonly StreamEntry[],
  { events, batches }: { events: S; batches: BatchHandlers<S> },
): Promise<boolean> {
  const type = run[0]?.type ?? ''
  const handler = batches[type]
  const schema = events[type]
  if (run.length < 2 || !handler || !schema) return false
  try {
    const payloads = run.map(({ payload }) => schema.parse(JSON.parse(payload)) as z.output<S[string]>)
    await handler(payloads)
    return true
  } catch {
    return false
  }
}
