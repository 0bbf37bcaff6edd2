import type pg from 'pg'
import { endedMinutes } from './session-lifetime.ts'

/** Forgets sessions that ended so long ago that their access tokens have ended, too. */
export async function purgeEndedSessions(pool: pg.Pool): Promise<void> {
  await pool.query('DELETE FROM ended_sessions WHERE ended_at <= now() - make_interval(mins => $1)', [
    endedMinutes,
  ])
}
