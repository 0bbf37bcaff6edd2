import { type RealtimeEventData, realtimeEventData, streamNames } from '@finnigram/contracts'
import {
  type Consumer,
  createConsumer,
  type Health,
  type Logger,
  type Metrics,
  type RedisLink,
} from '@finnigram/service-kit'
import type pg from 'pg'

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
