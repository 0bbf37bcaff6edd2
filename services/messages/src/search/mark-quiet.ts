import type pg from 'pg'
import { gramsOfLines } from './build-blocks.ts'
import type { RoundBounds } from './plan-round.ts'
import { takeRests } from './take-rests.ts'

/** After so long without a new message a block is no longer read by everyone who searches: its grams say who should. */
const quietAfter = '10 minutes'
/**
 * Gives grams to blocks that have not grown for a while. People in thousands of conversations would otherwise read the
 * end of each with every search. Answers how many there were; call it with the lock of the index.
 */
export async function markQuiet(tx: pg.PoolClient, bounds: RoundBounds): Promise<number> {
  const rest = takeRests()
  const { rows } = await tx.query<{ conversationId: string; fromSeq: number; lines: string }>({
    name: 'quiet-search-blocks',
    text: `SELECT b.conversation_id AS "conversationId", b.from_seq AS "fromSeq", b.lines
FROM (
  SELECT conversation_id, from_seq, newest_at, sum(bytes) OVER (ORDER BY newest_at, conversation_id) - bytes AS before
  FROM (
    SELECT conversation_id, from_seq, newest_at, octet_length(lines) AS bytes FROM search_blocks
    WHERE grams IS NULL AND newest_at < now() - interval '${quietAfter}'
    ORDER BY newest_at, conversation_id LIMIT least($1::int, 100)
  ) oldest
) quiet JOIN search_blocks b USING (conversation_id, from_seq)
WHERE quiet.before < $2 ORDER BY quiet.newest_at, quiet.conversation_id`,
    values: [bounds.messages, bounds.bytes],
  })
  if (rows.length === 0) return 0
  const grams: string[] = []
  for (const { lines } of rows) {
    grams.push(`{${gramsOfLines(lines.split('\n')).join(',')}}`)
    await rest(lines.length)
  }
  await tx.query({
    name: 'mark-quiet-search-blocks',
    text: `UPDATE search_blocks b SET grams = q.grams::smallint[], is_quiet = true
FROM unnest($1::uuid[], $2::int[], $3::text[]) AS q (conversation_id, from_seq, grams)
WHERE b.conversation_id = q.conversation_id AND b.from_seq = q.from_seq`,
    values: [rows.map(({ conversationId }) => conversationId), rows.map(({ fromSeq }) => fromSeq), grams],
  })
  return rows.length
}

/** Sorts in what the index of grams has gathered: search would read it again and again. Call it when there is time. */
export async function sortInGrams(tx: pg.PoolClient): Promise<void> {
  await tx.query("SELECT gin_clean_pending_list('search_blocks_grams')")
}
