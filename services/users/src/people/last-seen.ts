import { type RealtimeEventData, realtimeEventData, streamNames } from '@finnigram/contracts'
import {
  type Actor,
  type Consumer,
  createConsumer,
  type Health,
  type Logger,
  type Metrics,
  type RedisLink,
  type TokenVerifier,
} from '@finnigram/service-kit'
import type pg from 'pg'

type Seen = Pick<Actor, 'userId' | 'sessionId'>

export interface LastSeenTracker extends AsyncDisposable {
  /** Records in memory that a session is in use. */
  touch(seen: Seen): void
  /** Writes what was recorded since the last flush. */
  flush(): Promise<void>
  /** The same verifier, which also records the sessions it accepts. */
  trackVerified(verifier: TokenVerifier): TokenVerifier
}

export interface WithLastSeen {
  readonly lastSeen: LastSeenTracker
}

/** Sessions recorded between two flushes. Beyond it, sessions are recorded at a later request. */
const mostPending = 50_000

/**
 * Keeps `lastSeenAt` of sessions and users: recorded in memory, written in one statement every
 * `everyMs` milliseconds (write-behind). A process that dies loses up to that much, which the next
 * request records again.
 */
export function createLastSeenTracker({
  pool,
  log,
  everyMs = 30_000,
}: {
  pool: pg.Pool
  log: Logger
  everyMs?: number
}): LastSeenTracker {
  let pending = new Map<string, { userId: string; at: number }>()
  const flush = async () => {
    if (pending.size === 0) return
    const batch = pending
    pending = new Map()
    try {
      await storeSeenSessions(pool, batch)
    } catch (error) {
      log.warn('Last-seen times could not be stored', { error })
    }
  }
  const timer = setInterval(flush, everyMs)
  timer.unref()
  const touch = ({ userId, sessionId }: Seen) => {
    if (pending.size < mostPending || pending.has(sessionId))
      pending.set(sessionId, { userId, at: Date.now() })
  }
  return {
    touch,
    flush,
    trackVerified: (verifier) => ({
      async verify(token) {
        const actor = await verifier.verify(token)
        touch(actor)
        return actor
      },
      get mostAheadMs() {
        return verifier.mostAheadMs
      },
      [Symbol.dispose]: () => verifier[Symbol.dispose](),
    }),
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await flush()
    },
  }
}

/** Skips locked rows: waiting could deadlock, and the next request records them again. */
async function storeSeenSessions(
  pool: pg.Pool,
  batch: Map<string, { userId: string; at: number }>,
): Promise<void> {
  const seen = [...batch].map(([sessionId, { userId, at }]) => ({ sessionId, userId, at: new Date(at) }))
  await pool.query(
    `WITH seen AS (
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS seen (session_id, user_id, at)
), sessions_free AS (
  SELECT s.id FROM sessions s JOIN seen ON s.id = seen.session_id FOR NO KEY UPDATE OF s SKIP LOCKED
), sessions_seen AS (
  UPDATE sessions s SET last_seen_at = greatest(s.last_seen_at, seen.at)
  FROM sessions_free JOIN seen ON seen.session_id = sessions_free.id WHERE s.id = sessions_free.id
), people AS (
  SELECT user_id, max(at) AS at FROM seen GROUP BY user_id
), people_free AS (
  SELECT u.id, people.at FROM users u JOIN people ON u.id = people.user_id FOR NO KEY UPDATE OF u SKIP LOCKED
)
UPDATE users u SET last_seen_at = greatest(u.last_seen_at, people_free.at) FROM people_free WHERE u.id = people_free.id`,
    [seen.map((one) => one.sessionId), seen.map((one) => one.userId), seen.map((one) => one.at)],
  )
}

interface ConsumeOptions {
  pool: pg.Pool
  redis: RedisLink
  log: Logger
  metrics: Metrics
  nodeId: string
  health: Health
}

/**
 * Consumes `user.seen`, which realtime emits when a user's last device disconnects. Nodes share
 * the stream.
 */
export function consumeUserSeen({ pool, redis, log, metrics, nodeId, health }: ConsumeOptions): Consumer {
  return createConsumer({
    redis,
    log,
    metrics,
    streams: streamNames('realtime'),
    group: 'users-last-seen',
    consumer: nodeId,
    health,
    events: realtimeEventData,
    handlers: { 'user.seen': (seen) => storeLastSeen(pool, [seen]) },
    batches: { 'user.seen': (events) => storeLastSeen(pool, events) },
  })
}

/**
 * Stores the latest time, but none in the future. Locks rows in id order, so that nodes cannot
 * deadlock.
 */
async function storeLastSeen(
  pool: pg.Pool,
  events: readonly RealtimeEventData['user.seen'][],
): Promise<void> {
  await pool.query(
    `WITH seen AS (
  SELECT id, max(at) AS at FROM unnest($1::uuid[], $2::timestamptz[]) AS d (id, at) GROUP BY id
), people AS (
  SELECT u.id, d.at FROM users u JOIN seen d USING (id) WHERE u.deleted_at IS NULL
  ORDER BY u.id FOR NO KEY UPDATE OF u
)
UPDATE users u SET last_seen_at = greatest(u.last_seen_at, least(people.at, now()))
FROM people WHERE u.id = people.id`,
    [events.map(({ userId }) => userId), events.map(({ at }) => at)],
  )
}
