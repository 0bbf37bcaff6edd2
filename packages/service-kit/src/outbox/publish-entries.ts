import type { Redis } from 'ioredis'
import { infoField } from '../bus/redis-streams.ts'

export interface OutboxRow {
  id: string
  partition: number
  key: string
  type: string
  payload: string
  request_id: string | null
}

/** Fencing token: a relay that stood still cannot publish after another has taken over. */
export interface Fence {
  /** Grows from one holder of a partition's lock to the next: the number of its transaction. */
  token: string
  /** In milliseconds, by the clock of Redis. */
  deadline: number
}

/**
 * PostgreSQL takes the locks from a relay that stands still for 15 s; its round must be out before.
 */
const publishWithinMs = 5000
/**
 * Longer than any round. A restored database, whose transactions count from lower, waits so long.
 */
const fencedForMs = 60_000

/**
 * KEYS: stream, fence. ARGV: entries to keep, token, deadline (ms), fenced for (ms), then five
 * values an entry. Appends them in order. A script stops at its first failure, so that nothing
 * overtakes what failed; a pipeline of XADDs cannot promise that.
 */
const script = `
local time = redis.call('TIME')
if time[1] * 1000 + math.floor(time[2] / 1000) > tonumber(ARGV[3]) then
  return redis.error_reply('FENCED The round was taken too long ago')
end
if tonumber(redis.call('GET', KEYS[2]) or 0) > tonumber(ARGV[2]) then
  return redis.error_reply('FENCED Another relay has published since')
end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[4])
for i = 5, #ARGV, 5 do
  local entry = { 'type', ARGV[i], 'key', ARGV[i + 1], 'payload', ARGV[i + 2] }
  if ARGV[i + 3] ~= '' then
    entry[7] = 'requestId'
    entry[8] = ARGV[i + 3]
  end
  entry[#entry + 1] = 'outboxId'
  entry[#entry + 1] = ARGV[i + 4]
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', unpack(entry))
end
return #ARGV`

/**
 * Whether the fence refused a round because it came too late. A retry takes what is still there.
 */
export const isFenced = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('FENCED')

/**
 * Bounds of one call: Lua's stack takes no more arguments; more bytes would block Redis for others.
 */
const perCall = 1000
const bytesPerCall = 1024 * 1024

type Command = (...values: (string | number)[]) => Promise<unknown>

/** Appends rows to the streams of their partitions, and reads back what is there. */
export interface Publisher {
  /** By the clock of Redis: when a round that begins now must be published. */
  deadline: () => Promise<number>
  /** Appends rows in the given order. Rejects when any of them may be missing. */
  publish: (rows: readonly OutboxRow[], fence: Fence) => Promise<void>
  /** Outbox ids of a stream's entries older than `before` (a stream id), the newest first. */
  readBack: (stream: string, before: string) => Promise<[streamId: string, outboxId: string][]>
  /** Whether the oldest entries of a stream were trimmed. */
  isTrimmed: (stream: string) => Promise<boolean>
}

export function createPublisher(
  redis: Redis,
  { stream, keep }: { stream: (partition: number) => string; keep: number },
): Publisher {
  redis.defineCommand('finnigramPublish', { numberOfKeys: 2, lua: script })
  redis.defineCommand('finnigramReadBack', { numberOfKeys: 1, lua: readBackScript })
  const command = (name: string): Command => {
    const defined = Reflect.get(redis, name) as Command
    return (...values) => defined.call(redis, ...values)
  }
  const append = command('finnigramPublish')
  const readBack = command('finnigramReadBack')

  const publishInOrder = async (name: string, rows: OutboxRow[], { token, deadline }: Fence) => {
    for (let start = 0; start < rows.length; ) {
      const portion = takePortion(rows, start)
      start += portion.length
      const values = portion.flatMap(({ id, type, key, payload, request_id }) => [
        type,
        key,
        payload,
        request_id ?? '',
        id,
      ])
      await append(name, `${name}:fence`, keep, token, deadline, fencedForMs, ...values)
    }
  }
  return {
    async deadline() {
      const [seconds = 0, microseconds = 0] = (await redis.time()).map(Number)
      return seconds * 1000 + Math.floor(microseconds / 1000) + publishWithinMs
    },
    async publish(rows, fence) {
      const byPartition = Map.groupBy(rows, ({ partition }) => partition)
      await Promise.all(
        [...byPartition].map(([partition, own]) => publishInOrder(stream(partition), own, fence)),
      )
    },
    readBack: async (name, before) =>
      (await readBack(name, before, readBackAtMost)) as [streamId: string, outboxId: string][],
    async isTrimmed(name) {
      const info = (await redis.xinfo('STREAM', name)) as unknown[]
      return Number(infoField(info, 'entries-added')) > Number(infoField(info, 'length'))
    },
  }
}

function takePortion(rows: readonly OutboxRow[], start: number): OutboxRow[] {
  let bytes = 0
  let end = start
  while (end < rows.length && end - start < perCall && bytes < bytesPerCall) {
    bytes += Buffer.byteLength(rows[end]?.payload ?? '')
    end += 1
  }
  return rows.slice(start, end)
}

const readBackAtMost = 500

/** Returns ids only, not payloads. */
const readBackScript = `
local found = {}
for i, entry in ipairs(redis.call('XREVRANGE', KEYS[1], ARGV[1], '-', 'COUNT', ARGV[2])) do
  local fields = entry[2]
  found[i] = { entry[1], fields[#fields - 1] == 'outboxId' and fields[#fields] or '' }
end
return found`
