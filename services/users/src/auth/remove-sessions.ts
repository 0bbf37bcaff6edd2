import type pg from 'pg'
import type { Tell } from '../transaction-with-outbox.ts'

export interface RemovedSession {
  sessionId: string
  userId: string
}

/**
 * The one way in which sessions end: the rows go, every service is told, and the list of ended sessions holds them for
 * as long as an access token of theirs may still be good, all in one transaction. `condition` is SQL about `sessions`.
 */
export async function removeSessions(
  tx: pg.PoolClient,
  { condition, values }: { condition: string; values: readonly unknown[] },
  tell: Tell,
): Promise<RemovedSession[]> {
  const { rows } = await tx.query<RemovedSession>(
    `WITH removed AS (
  DELETE FROM sessions WHERE ${condition} RETURNING id, user_id
), noted AS (
  INSERT INTO ended_sessions (id) SELECT id FROM removed ON CONFLICT DO NOTHING
)
SELECT id AS "sessionId", user_id AS "userId" FROM removed`,
    [...values],
  )
  for (const { userId, sessionId } of rows) tell(userId, 'session.ended', { userId, sessionId })
  return rows
}
