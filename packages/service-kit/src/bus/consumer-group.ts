import type { Redis } from 'ioredis'
import {
  compareIds,
  infoField,
  type RawEntry,
  type RawStreams,
  type StreamEntry,
  streamPositions,
  toStreamEntry,
} from './redis-streams.ts'

/** After this time without a word an idle consumer is deleted. */
const forgetConsumersAfterMs = 60 * 60_000
/** As far back as a failover may have lost writes, in milliseconds. */
const readAgainMs = 4 * 60_000

/** What names a consumer group, and this node within it. */
export interface GroupNames {
  group: string
  consumer: string
  streams: readonly string[]
}

/** A stream that was trimmed before the group had finished it, and the group's position on it. */
export interface TrimmedStream {
  stream: string
  lastId: string
  /** Entries up to there, counted with those that are gone. */
  read: number
}

/**
 * Compares the group's position with each stream. `missing`: no group there, yet or any more.
 * `trimmed`: entries are gone that it never read, or never finished. `ahead`: the stream ends
 * before the group's position, because another Redis has taken over.
 */
export async function inspectGroup(
  redis: Redis,
  { group, streams }: GroupNames,
): Promise<{ missing: string[]; trimmed: TrimmedStream[]; ahead: string[] }> {
  const states = await Promise.all(streams.map((stream) => groupState(redis, stream, group)))
  return {
    missing: streams.filter((_, i) => states[i] === 'missing'),
    trimmed: states.filter((state) => typeof state === 'object'),
    ahead: streams.filter((_, i) => states[i] === 'ahead'),
  }
}

async function groupState(
  redis: Redis,
  stream: string,
  group: string,
): Promise<'missing' | 'there' | 'ahead' | TrimmedStream> {
  try {
    const groups = (await redis.xinfo('GROUPS', stream)) as unknown[][]
    const own = groups.find((info) => infoField(info, 'name') === group)
    if (!own) return 'missing'
    const info = (await redis.xinfo('STREAM', stream)) as unknown[]
    const lastDelivered = String(infoField(own, 'last-delivered-id'))
    if (compareIds(lastDelivered, String(infoField(info, 'last-generated-id'))) > 0) return 'ahead'
    const length = Number(infoField(info, 'length'))
    const gone = Number(infoField(info, 'entries-added')) - length
    const first = length === 0 ? undefined : String(infoField(info, 'recorded-first-entry-id'))
    const read = infoField(own, 'entries-read')
    const isBehind = typeof read === 'number' && read < gone
    if (!isBehind && !(await hasPendingBefore(redis, { stream, group, first }))) return 'there'
    return { stream, lastId: lastDelivered, read: typeof read === 'number' ? Math.max(read, gone) : gone }
  } catch (error) {
    if (error instanceof Error && error.message.includes('no such key')) return 'missing'
    throw error
  }
}

/** Whether the group has pending entries that are older than the stream's first entry. */
async function hasPendingBefore(
  redis: Redis,
  { stream, group, first }: { stream: string; group: string; first: string | undefined },
): Promise<boolean> {
  const [count, oldest] = (await redis.xpending(stream, group)) as [number, string | null, ...unknown[]]
  if (count === 0 || oldest === null) return false
  return first === undefined || compareIds(oldest, first) < 0
}

/**
 * Returns a function that creates the group on the `missing` streams. With `now` it begins where
 * the streams ended when `planGroup` was called, with `0` at their first entry.
 */
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

function ignoreBusy(error: unknown): void {
  if (!(error instanceof Error) || !error.message.includes('BUSYGROUP')) throw error
}

/** Counts trimmed entries as read, so that they are reported once. */
export async function countAsRead(
  redis: Redis,
  { group }: GroupNames,
  trimmed: readonly TrimmedStream[],
): Promise<void> {
  for (const { stream, lastId, read } of trimmed)
    await redis.call('XGROUP', 'SETID', stream, group, lastId, 'ENTRIESREAD', read)
}

/**
 * Moves the group back on streams that end before its position: it reads the last minutes again.
 */
export async function setBack(redis: Redis, { group }: GroupNames, ahead: readonly string[]): Promise<void> {
  if (ahead.length === 0) return
  const [seconds] = await redis.time()
  const from = `${Number(seconds) * 1000 - readAgainMs}-0`
  for (const stream of ahead) await redis.call('XGROUP', 'SETID', stream, group, from)
}

/**
 * Reads up to `count` entries of each stream: new ones (`>`), or this consumer's own pending ones
 * (`0`). With `blockMs` it waits for new ones, and needs a connection of its own.
 */
export async function readGroup(
  connection: Redis,
  { group, consumer, streams }: GroupNames,
  {
    from,
    count,
    blockMs,
  }: { from: '>' | '0' | ((stream: string) => string); count: number; blockMs?: number | undefined },
): Promise<StreamEntry[]> {
  const blocking = blockMs === undefined ? [] : ['BLOCK', blockMs]
  const where = [...streams, ...streams.map((stream) => (typeof from === 'string' ? from : from(stream)))]
  const options = ['GROUP', group, consumer, 'COUNT', count, ...blocking, 'STREAMS', ...where]
  const reply = (await connection.call('XREADGROUP', ...options)) as RawStreams | null
  return (reply ?? []).flatMap(([stream, entries]) => entries.map((entry) => toStreamEntry(stream, entry)))
}

/** Takes over entries that a consumer has held for `idleMs` without acknowledging them. */
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

/**
 * Of a consumer's pending entries, those that were delivered more than `attempts` times: a consumer
 * may have died over them.
 */
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

/** How often each pending entry was delivered to this consumer. */
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

/**
 * Deletes consumers that hold nothing and were idle for an hour, as restarts with new names leave
 * them.
 */
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
