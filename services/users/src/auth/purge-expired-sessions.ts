import { commitFacts, type FactsContext } from '../transaction-with-outbox.ts'
import { removeSessions } from './remove-sessions.ts'

const atOnce = 1000

/** Ends the sessions that nobody refreshed in time. Nodes that do so at once share the work. */
export async function purgeExpiredSessions(ctx: FactsContext, signal?: AbortSignal): Promise<void> {
  const purged = await commitFacts(ctx, async (tx, tell) => {
    const expired = 'SELECT id FROM sessions WHERE expires_at <= now() LIMIT $1 FOR UPDATE SKIP LOCKED'
    return removeSessions(tx, { condition: `id IN (${expired})`, values: [atOnce] }, tell)
  })
  if (purged.length === atOnce && !signal?.aborted) await purgeExpiredSessions(ctx, signal)
}
