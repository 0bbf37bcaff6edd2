import { realtimeEventData, streamNames } from '@finnigram/contracts'
import {
  type Consumer,
  createConsumer,
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
}

/** Keeps when people were last seen, as realtime nodes tell it when somebody's last device goes. All nodes share the work. */
export function consumeDepartures({ pool, redis, log, metrics, nodeId }: ConsumeOptions): Consumer {
  return createConsumer({
    redis,
    log,
    metrics,
    streams: streamNames('realtime'),
    group: 'users-last-seen',
    consumer: nodeId,
    events: realtimeEventData,
    handlers: {
      'user.seen': async ({ userId, at }) => {
        await pool.query(
          `UPDATE users SET last_seen_at = greatest(last_seen_at, least($2::timestamptz, now()))
WHERE id = $1 AND deleted_at IS NULL`,
          [userId, at],
        )
      },
    },
  })
}
