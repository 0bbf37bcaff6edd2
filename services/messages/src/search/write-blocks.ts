import type pg from 'pg'
import type { Block } from './build-blocks.ts'

/** A block and whose it is. */
export type OwnedBlock = Block & { conversationId: string }

/** UTF-16 units of lines, and grams, of one statement: each gram is a place in the index, so these take a fraction of a second. */
const longAtOnce = 131_072
const gramsAtOnce = 30_000

/** Writes blocks, in the place of those that began at the same message, some at a time. */
export async function writeBlocks(tx: pg.PoolClient, blocks: readonly OwnedBlock[]): Promise<void> {
  for (let start = 0; start < blocks.length; ) {
    const portion = takePortion(blocks, start)
    start += portion.length
    await writePortion(tx, portion)
  }
}

function takePortion(blocks: readonly OwnedBlock[], start: number): OwnedBlock[] {
  const portion: OwnedBlock[] = []
  let length = 0
  let grams = 0
  while (length < longAtOnce && grams < gramsAtOnce) {
    const block = blocks[start + portion.length]
    if (!block) break
    portion.push(block)
    length += block.lines.length
    grams += block.grams?.length ?? 0
  }
  return portion
}

async function writePortion(tx: pg.PoolClient, blocks: readonly OwnedBlock[]): Promise<void> {
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
