import type pg from 'pg'
import { endedMinutes } from './session-lifetime.ts'

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
