import { z } from 'zod'
import type { MessagesContext } from '../context.ts'

/** The kind of the job that `queueUnfolded` does; a migration queues it. */
export const unfoldedJob = 'search.unfolded'

const nilId = '00000000-0000-0000-0000-000000000000'
/** Blocks of one piece: some 16 MB where all are as long as they get. */
const blocksAtOnce = 500
const Place = z.tuple([z.uuid(), z.int()])

/**
 * Letters and digits that `fold` makes others of: a block with one of them was made before it did.
 * As PostgreSQL reads it.
 */
const unfolded = String.raw`[\u02bb\u02bd\u02be\u02bf\u02c8\u2032\u05f3\u0671\u0629\u06c1\u06c3\u06be\u06d5\u0649\u06cc\u06d0\u06a9\u06aa\u0901\u9ad9\ufa11\u5d5c\u7895\u6ff1\u6ff5\u908a\u9089\u9f4b\u6589\u9f4a\u6fa4\u5d8b\u5d8c\u6afb\u771e\u5ee3\u570b\u5fb7\u9ed1\u60e0\u69ae\U00020bb7\u585a\u093c\u0640\u3099\u309a\u0660-\u0669\u06f0-\u06f9\u07c0-\u07c9\u0966-\u096f\u09e6-\u09ef\u0a66-\u0a6f\u0ae6-\u0aef\u0b66-\u0b6f\u0be6-\u0bef\u0c66-\u0c6f\u0ce6-\u0cef\u0d66-\u0d6f\u0de6-\u0def\u0e50-\u0e59\u0ed0-\u0ed9\u0f20-\u0f29\u1040-\u1049\u1090-\u1099\u17e0-\u17e9\u1810-\u1819\u1946-\u194f\u19d0-\u19d9\u1a80-\u1a89\u1a90-\u1a99\u1b50-\u1b59\u1bb0-\u1bb9\u1c40-\u1c49\u1c50-\u1c59\ua620-\ua629\ua8d0-\ua8d9\ua900-\ua909\ua9d0-\ua9d9\ua9f0-\ua9f9\uaa50-\uaa59\uabf0-\uabf9]`

const select = `WITH looked AS MATERIALIZED (
  SELECT conversation_id, from_seq, lines FROM search_blocks WHERE (conversation_id, from_seq) > ($1, $2)
  ORDER BY conversation_id, from_seq LIMIT ${blocksAtOnce}
), queued AS (
  INSERT INTO search_queue (is_backfill, conversation_ids, seq)
  SELECT true, ARRAY[conversation_id], from_seq FROM looked WHERE lines ~ $3
)
SELECT conversation_id AS id, from_seq AS "fromSeq" FROM looked ORDER BY conversation_id DESC, from_seq DESC LIMIT 1`

/**
 * Looks through the next blocks, and queues those that a node of an earlier version made, whose search knew fewer ways in
 * which a letter is written. Safe to do twice.
 */
export async function queueUnfolded(
  { pool }: Pick<MessagesContext, 'pool'>,
  place: unknown,
): Promise<{ place: z.infer<typeof Place> } | 'done'> {
  const after = place === null ? [nilId, 0] : Place.parse(place)
  const { rows } = await pool.query<{ id: string; fromSeq: number }>(select, [...after, unfolded])
  const [last] = rows
  return last ? { place: [last.id, last.fromSeq] } : 'done'
}
