import type { Redis } from 'ioredis'

export interface OutboxRow {
  id: string
  partition: number
  key: string
  type: string
  payload: string
  request_id: string | null
}

/**
 * Appends one partition's entries to its stream, in order, in one command. A script stops at its first failure, so
 * nothing later can overtake what failed, which a pipeline of XADDs cannot promise.
 */
const script = `
for i = 2, #ARGV, 4 do
  if ARGV[i + 3] == '' then
    redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'type', ARGV[i], 'key', ARGV[i + 1], 'payload', ARGV[i + 2])
  else
    redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'type', ARGV[i], 'key', ARGV[i + 1], 'payload', ARGV[i + 2], 'requestId', ARGV[i + 3])
  end
end
return #ARGV`

/** More than this many arguments would not fit on Lua's stack in one call; more than this many bytes keep Redis from everyone else. */
const perCall = 1000
const bytesPerCall = 1024 * 1024

type Publisher = (stream: string, ...values: (string | number)[]) => Promise<unknown>

/** A function that appends rows, given in order, to the streams of their partitions. Rejects when any of them may be missing. */
export function createPublisher(
  redis: Redis,
  { stream, keep }: { stream: (partition: number) => string; keep: number },
): (rows: readonly OutboxRow[]) => Promise<void> {
  redis.defineCommand('finnigramPublish', { numberOfKeys: 1, lua: script })
  const command = Reflect.get(redis, 'finnigramPublish') as Publisher
  const publish: Publisher = (...args) => command.call(redis, ...args)

  return async (rows) => {
    const byPartition = Map.groupBy(rows, ({ partition }) => partition)
    await Promise.all([...byPartition].map(([partition, own]) => publishInOrder(stream(partition), own)))
  }

  async function publishInOrder(name: string, rows: OutboxRow[]): Promise<void> {
    for (let start = 0; start < rows.length; ) {
      const portion = takePortion(rows, start)
      start += portion.length
      const values = portion.flatMap(({ type, key, payload, request_id }) => [
        type,
        key,
        payload,
        request_id ?? '',
      ])
      await publish(name, keep, ...values)
    }
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
