import type { z } from 'zod'
import type { EventSchemas } from './handle-entries.ts'
import type { StreamEntry } from './stream-entry.ts'

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
