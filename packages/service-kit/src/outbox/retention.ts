import type { Redis } from 'ioredis'
import type pg from 'pg'
import { parkedStream } from '../bus/parked-events.ts'

/** Published rows are kept for longer than every node takes to notice a failover. */
const keptForSeconds = 120
/** Rows of one statement: a relay that was away has many to delete. */
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

/** Deletes rows published over two minutes ago. Returns the age of the oldest left, in seconds. */
export async function forgetSent(pool: pg.Pool): Promise<number> {
  await pool.query(forget)
  const { rows } = await pool.query<{ seconds: number }>(oldest)
  return rows[0]?.seconds ?? 0
}

/**
 * A reader that was away for longer asks the source. Deleted text is gone from Redis within an
 * hour.
 */
const keptMs = 45 * 60_000
/** Parked entries stay until an operator has seen them. */
const parkedKeptMs = 30 * 24 * 60 * 60_000
/** A stream that is too large is trimmed to this share, so that it is not trimmed again at once. */
const trimmedTo = 0.9

/**
 * Trims streams to the entries of the last 45 minutes, and to `bytes` each. Goes by the clock of
 * Redis, which made the ids. Readers that lag notice the trimming. Returns the largest stream's
 * bytes.
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
  // A hosted Redis may forbid the question: then the number of entries is the only bound.
  const used = Number((await redis.memory('USAGE', stream, 'SAMPLES', 0).catch(() => 0)) ?? 0)
  if (used <= bytes) return used
  const length = await redis.xlen(stream)
  await redis.xtrim(stream, 'MAXLEN', Math.floor((length * bytes * trimmedTo) / used))
  return bytes
}
