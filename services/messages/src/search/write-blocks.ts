import type pg from 'pg'
import type { Block } from './build-blocks.ts'

/** Writes blocks, in the place of those that began at the same message. */
export async function writeBlocks(
  tx: pg.PoolClient,
  blocks: readonly (Block & { conversationId: string })[],
): Promise<void> {
  if (blocks.length === 0) return
  await tx.query({
    name: 'write-search-blocks',
    text: `INSERT INTO search_blocks AS b
  (conversation_id, from_seq, to_seq, oldest_at, newest_at, languages, lines, grams)
SELECT conversation_id, from_seq, to_seq, oldest_at, newest_at, string_to_array(languages, ' '), lines, grams::smallint[]
FROM unnest($1::uuid[], $2::int[], $3::int[], $4::timestamptz[], $5::timestamptz[], $6::text[], $7::text[], $8::text[])
  AS made (conversation_id, from_seq, to_seq, oldest_at, newest_at, languages, lines, grams)
ORDER BY conversation_id, from_seq
ON CONFLICT (conversation_id, from_seq) DO UPDATE SET to_seq = excluded.to_seq, oldest_at = excluded.oldest_at,
  newest_at = excluded.newest_at, languages = excluded.languages, lines = excluded.lines, grams = excluded.grams,
  is_quiet = false`,
    values: [
      blocks.map(({ conversationId }) => conversationId),
      blocks.map(({ fromSeq }) => fromSeq),
      blocks.map(({ toSeq }) => toSeq),
      blocks.map(({ oldestAt }) => oldestAt),
      blocks.map(({ newestAt }) => newestAt),
      blocks.map(({ languages }) => languages.join(' ')),
      blocks.map(({ lines }) => lines),
      blocks.map(({ grams }) => (grams === null ? null : `{${grams.join(',')}}`)),
    ],
  })
}
