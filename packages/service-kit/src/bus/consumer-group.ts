import type { Redis } from 'ioredis'
import { infoField } from './info-field.ts'
import type { TrimmedStream } from './inspect-group.ts'
import { streamPositions } from './redis-streams.ts'
import type { RawEntry, StreamEntry } from './stream-entry.ts'
import { toStreamEntry } from './stream-entry.ts'

const forgetConsumersAfterMs = 60 * 60_000

/** The names of a consumer group's parts. */
export interface GroupNames {
  group: string
  consumer: string
  streams: readonly string[]
}

/** A function that creates the group where it is missing, positioned where the streams stand when this is called. */
export async function planGroup(
  redis: Redis,
  names: GroupNames,
  missing: readonly string[],
  from: '0' | 'now',
) {
  const positions = from === 'now' ? await streamPositions(redis, missing) : []
  return async () => {
    for (const [i, stream] of missing.entries()) {
      const position = positions[i]
      const counted = position ? ['ENTRIESREAD', position.added] : []
      await redis
        .call('XGROUP', 'CREATE', stream, names.group, position?.lastId ?? '0', 'MKSTREAM', ...counted)
        .catch(ignoreBusy)
    }
  }
}

/** Has the group count what is gone as read: it is noticed once. */
export async function countAsRead(
  redis: Redis,
  { group }: GroupNames,
  trimmed: readonly TrimmedStream[],
): Promise<void> {
  for (const { stream, lastId, read } of trimmed)
    await redis.call('XGROUP', 'SETID', stream, group, lastId, 'ENTRIESREAD', read)
}

/** As far back as a failover may have lost anything, in milliseconds. */
const readAgainMs = 4 * 60_000

/** Sets the group back on streams that end before where it stands: it reads the last minutes of them again. */
export async function setBack(redis: Redis, { group }: GroupNames, ahead: readonly string[]): Promise<void> {
  if (ahead.length === 0) return
  const [seconds] = await redis.time()
  const from = `${Number(seconds) * 1000 - readAgainMs}-0`
  for (const stream of ahead) await redis.call('XGROUP', 'SETID', stream, group, from)
}

function ignoreBusy(error: unknown): void {
  if (!(error instanceof Error) || !error.message.includes('BUSYGROUP')) throw error
}

/** Takes over entries that a consumer has held for `idleMs` without finishing them. */
export async function reclaim(
  redis: Redis,
  { group, consumer, streams }: GroupNames,
  idleMs: number,
): Promise<StreamEntry[]> {
  const claimed = await Promise.all(
    streams.map(async (stream) => {
      const [, entries] = (await redis.xautoclaim(stream, group, consumer, idleMs, '0-0', 'COUNT', 100)) as [
        string,
        RawEntry[],
      ]
      return entries.map((entry) => toStreamEntry(stream, entry))
    }),
  )
  return claimed.flat()
}

/** Of a consumer's entries those that were handed out more than `attempts` times: someone died or gave up over them. */
export async function findWornOut(
  redis: Redis,
  names: GroupNames,
  { entries, attempts }: { entries: readonly StreamEntry[]; attempts: number },
): Promise<Set<StreamEntry>> {
  const wornOut = new Set<StreamEntry>()
  for (const [stream, own] of Map.groupBy(entries, (entry) => entry.stream)) {
    const times = await deliveries(redis, names, stream)
    for (const entry of own) if ((times.get(entry.id) ?? 0) > attempts) wornOut.add(entry)
  }
  return wornOut
}

/** How often entries were handed to a consumer, by id. */
async function deliveries(
  redis: Redis,
  { group, consumer }: GroupNames,
  stream: string,
): Promise<Map<string, number>> {
  const pending = (await redis.xpending(stream, group, '-', '+', 1000, consumer)) as [
    string,
    string,
    number,
    number,
  ][]
  return new Map(pending.map(([id, , , times]) => [id, times]))
}

/** Forgets consumers that hold nothing and have not been heard of for an hour, as restarts under new names leave them. */
export async function forgetConsumers(redis: Redis, { group, streams }: GroupNames): Promise<void> {
  for (const stream of streams) {
    const consumers = (await redis.xinfo('CONSUMERS', stream, group)) as unknown[][]
    for (const info of consumers) {
      const isGone =
        infoField(info, 'pending') === 0 && Number(infoField(info, 'idle')) > forgetConsumersAfterMs
      if (isGone) await redis.xgroup('DELCONSUMER', stream, group, String(infoField(info, 'name')))
    }
  }
}
