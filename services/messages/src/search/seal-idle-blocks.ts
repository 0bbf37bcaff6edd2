import type pg from 'pg'
import { createYield, gramsOfLines } from './build-blocks.ts'
import type { RoundBounds } from './plan-round.ts'

/** A block without new messages for so long is sealed: its n-grams say which searches read it. */
const idleAfter = '10 minutes'
/**
 * Seals open blocks that have been idle for a while: gives them their n-grams. Otherwise somebody
 * in thousands of conversations would read the last block of each with every search. Returns how
 * many there were. Call it with the lock of the index.
 */
export async function sealIdleBlocks(tx: pg.PoolClient, bounds: RoundBounds): Promise<number> {
  const yieldAfter = createYield()
  const { rows } = await tx.query<{ conversationId: string; fromSeq: number; lines: string }>({
    name: 'idle-search-blocks',
    text: `SELECT b.conversation_id AS "conversationId", b.from_seq AS "fromSeq", b.lines
FROM (
  SELECT conversation_id, from_seq, newest_at, sum(bytes) OVER (ORDER BY newest_at, conversation_id) - bytes AS before
  FROM (
    SELECT conversation_id, from_seq, newest_at, octet_length(lines) AS bytes FROM search_blocks
    WHERE grams IS NULL AND newest_at < now() - interval '${idleAfter}'
    ORDER BY newest_at, conversation_id LIMIT least($1::int, 100)
  ) oldest
) idle JOIN search_blocks b USING (conversation_id, from_seq)
WHERE idle.before < $2 ORDER BY idle.newest_at, idle.conversation_id`,
    values: [bounds.messages, bounds.bytes],
  })
  if (rows.length === 0) return 0
  const grams: string[] = []
  for (const { lines } of rows) {
    grams.push(`{${gramsOfLines(lines.split('\n')).join(',')}}`)
    await yieldAfter(lines.length)
  }
  await tx.query({
    name: 'seal-idle-search-blocks',
    text: `UPDATE search_blocks b SET grams = q.grams::smallint[], is_quiet = true
FROM unnest($1::uuid[], $2::int[], $3::text[]) AS q (conversation_id, from_seq, grams)
WHERE b.conversation_id = q.conversation_id AND b.from_seq = q.from_seq`,
    values: [rows.map(({ conversationId }) => conversationId), rows.map(({ fromSeq }) => fromSeq), grams],
  })
  return rows.length
}

/** Merges the pending list of the GIN index, which every search would read. Call it when idle. */
export async function mergePendingGrams(tx: pg.PoolClient): Promise<void> {
  await tx.query("SELECT gin_clean_pending_list('search_blocks_grams')")
}
