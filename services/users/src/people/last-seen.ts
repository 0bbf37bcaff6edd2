import type { RealtimeEventData } from '@finnigram/contracts'
import { realtimeEventData, streamNames } from '@finnigram/contracts'
import type {
  Actor,
  Consumer,
  Health,
  Logger,
  Metrics,
  RedisLink,
  TokenVerifier,
} from '@finnigram/service-kit'
import { createConsumer } from '@finnigram/service-kit'
import type pg from 'pg'

type Seen = Pick<Actor, 'userId' | 'sessionId'>

export interface SeenSessions extends AsyncDisposable {
  /** Notes that a session is in use; costs nothing now. */
  touch(seen: Seen): void
  /** Writes what was noted since the last time. */
  flush(): Promise<void>
  /** The same verifier; whoever it lets in is noted. */
  watching(verifier: TokenVerifier): TokenVerifier
}

/** Sessions noted between two writes; more than that only lose the time of day they were seen. */
const mostNoted = 50_000

/** Keeps `lastSeenAt` of sessions and people: noted in memory, written in one statement every `everyMs` milliseconds. What a dying process had noted is lost, and noted again at the next request. */
export function createSeenSessions({
  pool,
  log,
  everyMs = 30_000,
}: {
  pool: pg.Pool
  log: Logger
  everyMs?: number
}): SeenSessions {
  let noted = new Map<string, { userId: string; at: number }>()
  const flush = async () => {
    if (noted.size === 0) return
    const batch = noted
    noted = new Map()
    try {
      await write(pool, batch)
    } catch (error) {
      log.warn('When people were last seen could not be written', { error })
    }
  }
  const timer = setInterval(flush, everyMs)
  timer.unref()
  const touch = ({ userId, sessionId }: Seen) => {
    if (noted.size < mostNoted || noted.has(sessionId)) noted.set(sessionId, { userId, at: Date.now() })
  }
  return {
    touch,
    flush,
    watching: (verifier) => ({
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

/** Rows that someone is changing right now are skipped: waiting for them could end in a deadlock, and the next request notes them again. */
async function write(pool: pg.Pool, batch: Map<string, { userId: string; at: number }>): Promise<void> {
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

/** Keeps when people were last seen, as realtime nodes tell it when somebody's last device goes. All nodes share the work. */
export function consumeDepartures({ pool, redis, log, metrics, nodeId, health }: ConsumeOptions): Consumer {
  return createConsumer({
    redis,
    log,
    metrics,
    streams: streamNames('realtime'),
    group: 'users-last-seen',
    consumer: nodeId,
    health,
    events: realtimeEventData,
    handlers: { 'user.seen': (departure) => noteDepartures(pool, [departure]) },
    batches: { 'user.seen': (departures) => noteDepartures(pool, departures) },
  })
}

/** The latest of what was known and what is told stands, but nothing of the future. Rows are locked in one order, so that two nodes never wait for each other. */
async function noteDepartures(
  pool: pg.Pool,
  departures: readonly RealtimeEventData['user.seen'][],
): Promise<void> {
  await pool.query(
    `WITH departures AS (
  SELECT id, max(at) AS at FROM unnest($1::uuid[], $2::timestamptz[]) AS d (id, at) GROUP BY id
), people AS (
  SELECT u.id, d.at FROM users u JOIN departures d USING (id) WHERE u.deleted_at IS NULL
  ORDER BY u.id FOR NO KEY UPDATE OF u
)
UPDATE users u SET last_seen_at = greatest(u.last_seen_at, least(people.at, now()))
FROM people WHERE u.id = people.id`,
    [departures.map(({ userId }) => userId), departures.map(({ at }) => at)],
  )
}
