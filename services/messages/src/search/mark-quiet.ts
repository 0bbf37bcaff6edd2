import type pg from 'pg'
import { gramsOfLines } from './build-blocks.ts'

/** After so long without a new message a block is no longer read by everyone who searches: its grams say who should. */
const quietAfter = '10 minutes'
/** Blocks of one round: a few hundred milliseconds. */
const atOnce = 100

/**
 * Gives grams to blocks that have not grown for a while. People in thousands of conversations would otherwise read the
 * end of each with every search. Answers how many there were; call it with the lock of the index.
 */
export async function markQuiet(tx: pg.PoolClient): Promise<number> {
  const { rows } = await tx.query<{ conversationId: string; fromSeq: number; lines: string }>({
    name: 'quiet-search-blocks',
    text: `SELECT conversation_id AS "conversationId", from_seq AS "fromSeq", lines FROM search_blocks
WHERE grams IS NULL AND newest_at < now() - interval '${quietAfter}' ORDER BY newest_at LIMIT ${atOnce}`,
  })
  if (rows.length === 0) return 0
  await tx.query({
    name: 'mark-quiet-search-blocks',
    text: `UPDATE search_blocks b SET grams = q.grams::smallint[], is_quiet = true
FROM unnest($1::uuid[], $2::int[], $3::text[]) AS q (conversation_id, from_seq, grams)
WHERE b.conversation_id = q.conversation_id AND b.from_seq = q.from_seq`,
    values: [
      rows.map(({ conversationId }) => conversationId),
      rows.map(({ fromSeq }) => fromSeq),
      rows.map(({ lines }) => `{${gramsOfLines(lines.split('\n')).join(',')}}`),
    ],
  })
  return rows.length
}
