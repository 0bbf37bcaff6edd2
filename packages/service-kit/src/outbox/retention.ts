import type { Redis } from 'ioredis'
import type pg from 'pg'
import { parkedStream } from '../bus/parked-events.ts'

/** Longer than a failover takes to be noticed by every node. */
const keptForSeconds = 120
/** A relay that was away has more to forget than one statement should. */
const atMost = 100_000

const forget = {
  name: 'forget-sent',
  text: `DELETE FROM outbox_sent WHERE ctid = ANY(ARRAY(
  SELECT ctid FROM outbox_sent
  WHERE token <= (SELECT max(token) FROM outbox_sent WHERE sent_at < now() - interval '${keptForSeconds} seconds')
  ORDER BY token LIMIT ${atMost}
))`,
}

const oldest = {
  name: 'oldest-sent',
  text: `SELECT coalesce(extract(epoch FROM now() - sent_at), 0)::float8 AS seconds
FROM outbox_sent ORDER BY token LIMIT 1`,
}

/** Forgets what was published longer ago than two minutes. Returns the age of the oldest that is left, in seconds. */
export async function forgetSent(pool: pg.Pool): Promise<number> {
  await pool.query(forget)
  const { rows } = await pool.query<{ seconds: number }>(oldest)
  return rows[0]?.seconds ?? 0
}

/** Whoever was away for longer asks the source. What a person has deleted is nowhere in Redis an hour later. */
const keptMs = 45 * 60_000
/** An operator has to see them first. */
const parkedKeptMs = 30 * 24 * 60 * 60_000
/** After trimming for its size a stream is so much smaller than it may be: it need not be trimmed at once again. */
const trimmedTo = 0.9

/**
 * Lets go of what was published longer ago than three quarters of an hour, to the entry, and of the oldest where a stream
 * takes more than `bytes`. Readers that lag notice it, as they notice any trimming. By Redis's own clock, which made the
 * ids. Returns the bytes of the largest stream.
 */
export async function trimStreams(redis: Redis, streams: readonly string[], bytes: number): Promise<number> {
  const [seconds] = await redis.time()
  const before = (ageMs: number) => `${Number(seconds) * 1000 - ageMs}-0`
  let largest = 0
  for (const stream of streams) {
    await redis.xtrim(stream, 'MINID', before(keptMs))
    await redis.xtrim(parkedStream(stream), 'MINID', before(parkedKeptMs))
    largest = Math.max(largest, await trimBytes(redis, stream, bytes))
  }
  return largest
}

async function trimBytes(redis: Redis, stream: string, bytes: number): Promise<number> {
  // A hosted Redis may not tell: then the number of entries is the only bound.
  const used = Number((await redis.memory('USAGE', stream, 'SAMPLES', 0).catch(() => 0)) ?? 0)
  if (used <= bytes) return used
  const length = await redis.xlen(stream)
  await redis.xtrim(stream, 'MAXLEN', Math.floor((length * bytes * trimmedTo) / used))
  return bytes
}
