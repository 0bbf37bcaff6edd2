import { fullJitter } from '@finnigram/admission'
import type { z } from 'zod'
import { isOvertime, isUnavailable } from '../errors.ts'
import type { Health } from '../health.ts'
import { pause } from '../lifecycle/wait.ts'
import { withRequestId } from '../logger/request-context.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { StreamEntry } from './redis-streams.ts'

/** The payload's schema of every event type of a stream. */
export type EventSchemas = Readonly<Record<string, z.ZodType>>

/** What each event means to this consumer. Every handler may run twice, and may meet events older than what it knows. */
export type EventHandlers<S extends EventSchemas> = {
  readonly [T in keyof S]?: (payload: z.output<S[T]>, entry: StreamEntry) => unknown
}

export type Outcome = { done: true } | { done: false; error: unknown } | 'interrupted'

interface HandleOptions<S extends EventSchemas> {
  events: S
  handlers: EventHandlers<S>
  attempts: number
  signal: AbortSignal
  group: string
  metrics: Metrics
  /** Tells, when a handler took too long, whether what it depends on is there. */
  health?: Pick<Health, 'report'> | undefined
}

/**
 * Hands an entry to its handler until that succeeds. What fails because something is away is tried for as long as it
 * takes and does not count. What fails otherwise is given up after `attempts`, and what took too long although all that
 * it depends on is there, has failed. What cannot be read is given up at once.
 */
export async function handleEntry<S extends EventSchemas>(
  entry: StreamEntry,
  { events, handlers, attempts, signal, group, metrics, health }: HandleOptions<S>,
): Promise<Outcome> {
  // A name that comes from elsewhere may be one that every object has.
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

/** How many events were left out because only a newer version knows their type. */
export const unknownCounter = (metrics: Metrics) =>
  metrics.counter('events_unknown_total', 'Events left out because only a newer version knows their type', [
    'reader',
  ])

/** Whether what the handler needs is there. Where nobody can tell, it is taken to be. */
async function isHealthy(health: HandleOptions<EventSchemas>['health']): Promise<boolean> {
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

/** What several events of one type, in order, mean to this consumer. May run again for some of them, alone. */
export type BatchHandlers<S extends EventSchemas> = {
  readonly [T in keyof S]?: (payloads: z.output<S[T]>[]) => Promise<unknown>
}

/** Parts entries into runs: those of one type that follow each other and can be handled together, and each other one by itself. */
export function toRuns<S extends EventSchemas>(
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

/** Hands a run to its batch handler; whether that went well. If not, each entry has to be handled by itself, which tells the good from the bad. */
export async function handleTogether<S extends EventSchemas>(
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
