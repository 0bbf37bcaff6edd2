import type { Redis } from 'ioredis'
import type { ParkedItem, ParkedStore } from '../parked/parked.ts'
import { type RawEntry, type StreamEntry, toStreamEntry } from './redis-streams.ts'

/** Entries parked on one stream at most, about. */
const parkedKept = 10_000
/** Parked entries of a stream that are listed. */
const readAtMost = 1000

/** The stream of parked entries: beside their own, on the same cluster node. */
export const parkedStream = (stream: string) => `${stream}:parked`

/** Parks an entry with its error, so that the group goes on without it. */
export async function parkEvent(
  redis: Redis,
  { group }: { group: string },
  entry: StreamEntry,
  reason: string,
): Promise<void> {
  const fields = toFields(entry, { group, reason })
  await redis.xadd(parkedStream(entry.stream), 'MAXLEN', '~', parkedKept, '*', ...fields)
}

/** How long other nodes may take to read the same entry, in seconds. */
const onceForSeconds = 600
/** KEYS: marker, stream. ARGV: seconds, kept, fields. */
const parkOnceScript = `
if not redis.call('SET', KEYS[1], '1', 'NX', 'EX', ARGV[1]) then return 0 end
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[2], '*', unpack(ARGV, 3))
return 1`

/** The same for an entry that every node reads: only the first parks it. Whether this one did. */
export async function parkEventOnce(
  redis: Redis,
  { group }: { group: string },
  entry: StreamEntry,
  reason: string,
): Promise<boolean> {
  const stream = parkedStream(entry.stream)
  const keys = [`${stream}:${group}:${entry.id}`, stream]
  const fields = toFields(entry, { group, reason })
  return (await redis.eval(parkOnceScript, keys.length, ...keys, onceForSeconds, parkedKept, ...fields)) === 1
}

const toFields = (
  { type, key, payload, requestId = '', id }: StreamEntry,
  { group, reason }: { group: string; reason: string },
): string[] => Object.entries({ type, key, payload, requestId, group, id, error: reason }).flat()

interface ParkedEventsOptions {
  group: string
  streams: readonly string[]
  /** Handles an entry once more; throws on failure. */
  handle: (entry: StreamEntry) => Promise<void>
}

/** A parked entry, and where it lies. */
interface Parked {
  stream: string
  id: string
  entry: StreamEntry
  error: string
}

/** The parked entries of a group. An item's id is `<stream>/<entry id>`. */
export function parkedEvents(redis: Redis, { group, streams, handle }: ParkedEventsOptions): ParkedStore {
  const read = async (stream: string, from = '-', to = '+'): Promise<Parked[]> => {
    const raw = (await redis.xrange(parkedStream(stream), from, to, 'COUNT', readAtMost)) as RawEntry[]
    return raw.flatMap((one) => toParked(stream, one, group))
  }
  const readAll = async () => (await Promise.all(streams.map((stream) => read(stream)))).flat()
  const find = async (id: string) => {
    const [stream = '', entryId = ''] = id.split('/', 2)
    if (!streams.includes(stream) || !/^\d+-\d+$/.test(entryId)) return undefined
    return (await read(stream, entryId, entryId))[0]
  }
  const remove = async ({ stream, id }: Parked) => (await redis.xdel(parkedStream(stream), id)) > 0
  return {
    kind: 'event',
    count: async () => (await readAll()).length,
    list: async (most) =>
      (await readAll())
        .toSorted((a, b) => timeOf(a.id) - timeOf(b.id))
        .slice(0, most)
        .map(toItem),
    async retry(id) {
      const parked = await find(id)
      if (!parked) return false
      await handle(parked.entry)
      await remove(parked)
      return true
    },
    async drop(id) {
      const parked = await find(id)
      return parked !== undefined && remove(parked)
    },
  }
}

function toParked(stream: string, [id, fields]: RawEntry, group: string): Parked[] {
  const more = new Map<string, string>()
  for (let i = 0; fields && i + 1 < fields.length; i += 2) more.set(fields[i] ?? '', fields[i + 1] ?? '')
  if (more.get('group') !== group) return []
  const entry = { ...toStreamEntry(stream, [id, fields]), id: more.get('id') ?? id }
  return [{ stream, id, entry, error: more.get('error') ?? '' }]
}

const timeOf = (id: string) => Number(id.split('-', 1)[0])

const toItem = ({ stream, id, entry, error }: Parked): ParkedItem => ({
  kind: 'event',
  id: `${stream}/${id}`,
  what: `${entry.type} of ${entry.key}`,
  reason: error,
  at: new Date(timeOf(id)).toISOString(),
})
