import type pg from 'pg'
import type { FactsContext } from '../transaction-with-outbox.ts'
import { commitFacts } from '../transaction-with-outbox.ts'
import { endedMinutes, removeSessions } from './sessions.ts'

/** More than ever end in that time; what is left out are the oldest, whose tokens are the nearest to their end. */
const atMost = 100_000
/** Milliseconds: whoever asks comes again soon. */
const patienceMs = 2000

/** The sessions that ended while access tokens of theirs may still be good. */
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

/** Ends the sessions that nobody refreshed in time. Nodes that do so at once share the work. */
export async function purgeExpiredSessions(ctx: FactsContext, signal?: AbortSignal): Promise<void> {
  const purged = await commitFacts(ctx, async (tx, tell) => {
    const expired = 'SELECT id FROM sessions WHERE expires_at <= now() LIMIT $1 FOR UPDATE SKIP LOCKED'
    return removeSessions(tx, { condition: `id IN (${expired})`, values: [atOnce] }, tell)
  })
  if (purged.length === atOnce && !signal?.aborted) await purgeExpiredSessions(ctx, signal)
}

/** Forgets sessions that ended so long ago that their access tokens have ended, too. */
export async function purgeEndedSessions(pool: pg.Pool): Promise<void> {
  await pool.query('DELETE FROM ended_sessions WHERE ended_at <= now() - make_interval(mins => $1)', [
    endedMinutes,
  ])
}
