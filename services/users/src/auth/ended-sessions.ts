import type pg from 'pg'
import { type TransactionDeps, transactionWithOutbox } from '../transaction-with-outbox.ts'
import { endedMinutes, endSessionsWhere } from './sessions.ts'

/*
 * The revocation list: ids of sessions that ended within the last 16 minutes, the life of an access
 * token and a minute of clock difference. Other services fetch it at start and every two seconds,
 * besides the event `session.ended`, and refuse the tokens of these sessions.
 */

/**
 * More sessions than end in that time. Beyond it the oldest are left out: their tokens expire
 * first.
 */
const atMost = 100_000
/** Milliseconds. Callers poll, so a slow query is given up. */
const patienceMs = 2000

/** Ended sessions whose access tokens may still be valid. */
export async function listEndedSessions(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>({
    text: `SELECT id FROM ended_sessions WHERE ended_at > now() - make_interval(mins => $1)
ORDER BY ended_at DESC LIMIT $2`,
    values: [endedMinutes, atMost],
    query_timeout: patienceMs,
  } as pg.QueryConfig)
  return rows.map(({ id }) => id)
}

const atOnce = 1000

/** Ends sessions that were not refreshed in time. Concurrent nodes share the work. */
export async function purgeExpiredSessions(ctx: TransactionDeps, signal?: AbortSignal): Promise<void> {
  const purged = await transactionWithOutbox(ctx, async (tx, emit) => {
    const expired = 'SELECT id FROM sessions WHERE expires_at <= now() LIMIT $1 FOR UPDATE SKIP LOCKED'
    return endSessionsWhere(tx, { condition: `id IN (${expired})`, values: [atOnce] }, emit)
  })
  if (purged.length === atOnce && !signal?.aborted) await purgeExpiredSessions(ctx, signal)
}

/** Deletes entries whose access tokens have expired. */
export async function purgeEndedSessions(pool: pg.Pool): Promise<void> {
  await pool.query('DELETE FROM ended_sessions WHERE ended_at <= now() - make_interval(mins => $1)', [
    endedMinutes,
  ])
}
