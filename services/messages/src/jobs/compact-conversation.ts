import { withTransaction } from '@finnigram/service-kit'
import type pg from 'pg'

/** Held by the node that deletes events, while it does: any number that nothing else uses. */
const compactionLock = 4_680_311_092
/** Events of one piece of work: the conversation is locked for as long as it takes to delete them. */
const atOnce = 500

/** How far may be deleted now: up to the first event that is young enough, and never the last that are kept. */
const selectReach = `SELECT coalesce(min(version) FILTER (WHERE at >= $2) - 1, max(version)) AS reach
FROM (
  SELECT e.version, (e.payload::json->>'at')::timestamptz AS at
  FROM conversations c CROSS JOIN LATERAL (
    SELECT version, payload FROM conversation_events
    WHERE conversation_id = c.id AND version > c.compacted_version AND version <= c.version - $3::int
    ORDER BY version LIMIT ${atOnce} OFFSET 0
  ) e
  WHERE c.id = $1
) old`

/**
 * Deletes some of a conversation's oldest events and says so in its row, in one transaction: nobody sees a hole. Returns
 * how many went; 0 when there are no more to delete.
 */
export async function compactConversation(
  pool: pg.Pool,
  { id, before, keep }: { id: string; before: Date; keep: number },
): Promise<number | 'busy elsewhere'> {
  const { rows } = await pool.query<{ reach: number | null }>({
    name: 'compact-reach',
    text: selectReach,
    values: [id, before, keep],
  })
  const reach = rows[0]?.reach ?? 0
  return withTransaction(pool, async (tx) => {
    const lock = await tx.query<{ isOurs: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS "isOurs"', [
      compactionLock,
    ])
    if (!lock.rows[0]?.isOurs) return 'busy elsewhere'
    // In the order of everyone who changes events: the conversation first.
    await tx.query('SELECT FROM conversations WHERE id = $1 FOR NO KEY UPDATE', [id])
    const { rowCount } = await tx.query(
      'DELETE FROM conversation_events WHERE conversation_id = $1 AND version <= $2',
      [id, reach],
    )
    await tx.query(
      'UPDATE conversations SET compacted_version = $2 WHERE id = $1 AND compacted_version < $2',
      [id, reach],
    )
    return rowCount ?? 0
  })
}
