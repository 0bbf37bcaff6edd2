import type { UsersContext } from '../context.ts'

const atOnce = 5000

/** Forgets security events after a year, and attempts at accounts that do not exist after a month. Nodes that do so at once share the work. */
export async function purgeNotes(ctx: Pick<UsersContext, 'pool'>, signal?: AbortSignal): Promise<void> {
  const { rowCount } = await ctx.pool.query(
    `DELETE FROM security_events WHERE id IN (
  SELECT id FROM security_events
  WHERE at < now() - interval '30 days' AND (user_id IS NULL AND type = 'sign_in_failed' OR at < now() - interval '1 year')
  ORDER BY at LIMIT $1 FOR UPDATE SKIP LOCKED
)`,
    [atOnce],
  )
  if (rowCount === atOnce && !signal?.aborted) await purgeNotes(ctx, signal)
}
