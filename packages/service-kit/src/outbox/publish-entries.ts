import type { Redis } from 'ioredis'
import { infoField } from '../bus/redis-streams.ts'
import type { Publishing } from './take-entries.ts'

export interface OutboxRow {
  id: string
  partition: number
  key: string
  type: string
  payload: string
  request_id: string | null
}

/** What keeps a relay that stood still from publishing what another has published since. */
export interface Fence {
  /** Grows from one holder of a partition's lock to the next: the number of its transaction. */
  token: string
  /** In milliseconds, by the clock of Redis. */
  deadline: number
}

/** PostgreSQL takes the locks from a relay that stands still for 15 s: before that its round must be published. */
const publishWithinMs = 5000
/** Longer than any round may take. A database that was restored, and counts from a lower number, waits so long. */
const fencedForMs = 60_000

/**
 * KEYS: stream, fence. ARGV: entries to keep, token, deadline (ms), fenced for (ms), then five values an entry. Appends
 * them in order, in one command: a script stops at its first failure, so nothing later can overtake what failed, which
 * a pipeline of XADDs cannot promise.
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

/** Whether a round was refused because it came too late: another try takes what is still there. */
export const isFenced = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('FENCED')

/** More than this many arguments would not fit on Lua's stack in one call; more than this many bytes keep Redis from everyone else. */
const perCall = 1000
const bytesPerCall = 1024 * 1024

type Command = (...values: (string | number)[]) => Promise<unknown>

export interface Publisher extends Publishing {
  /** The newest entry is the first: ids of the outbox that a stream holds, `before` an id of the stream. */
  readBack: (stream: string, before: string) => Promise<[streamId: string, outboxId: string][]>
  /** Whether a stream that is there has let go of its oldest entries. */
  isTrimmed: (stream: string) => Promise<boolean>
}

/** Appends rows, given in order, to the streams of their partitions. Rejects when any of them may be missing. */
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

/** Payloads stay where they are. */
const readBackScript = `
local found = {}
for i, entry in ipairs(redis.call('XREVRANGE', KEYS[1], ARGV[1], '-', 'COUNT', ARGV[2])) do
  local fields = entry[2]
  found[i] = { entry[1], fields[#fields - 1] == 'outboxId' and fields[#fields] or '' }
end
return found`
