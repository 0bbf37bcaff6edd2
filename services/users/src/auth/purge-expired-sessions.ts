import { commitFacts } from '../commit-facts.ts'
import type { UsersContext } from '../context.ts'

const atOnce = 1000

/** Ends the sessions that nobody refreshed in time. Nodes that do so at once share the work. */
export async function purgeExpiredSessions(ctx: Pick<UsersContext, 'pool' | 'relay'>): Promise<void> {
  const purged = await commitFacts(ctx, async (tx, tell) => {
    const { rows } = await tx.query<{ id: string; userId: string }>(
      `DELETE FROM sessions WHERE id IN (
  SELECT id FROM sessions WHERE expires_at <= now() LIMIT $1 FOR UPDATE SKIP LOCKED
) RETURNING id, user_id AS "userId"`,
      [atOnce],
    )
    for (const { id, userId } of rows) tell(userId, 'session.ended', { userId, sessionId: id })
    return rows.length
  })
  if (purged === atOnce) await purgeExpiredSessions(ctx)
}
