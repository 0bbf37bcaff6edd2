import type pg from 'pg'
import type { SearchedMessage } from './search-line.ts'
import type { Queued } from './take-queued.ts'

/** Consecutive messages that are to be made into blocks anew, from the first message of a block on. */
export interface Range {
  conversationId: string
  fromSeq: number
  toSeq: number
  /** Nothing newer is left. */
  isEnd: boolean
  /** One full block, which stays one. */
  isBlock: boolean
}

interface Extent {
  conversationId: string
  lastSeq: number
  /** Where the block that grows begins, or what is new. */
  fromSeq: number
}

/** For each conversation the range of what is new, with the block it is added to; at most `most` messages of it. */
export async function newRanges(tx: pg.PoolClient, ids: readonly string[], most: number): Promise<Range[]> {
  const { rows } = await tx.query<Extent>({
    name: 'search-extents',
    text: `SELECT c.id AS "conversationId", c.last_seq AS "lastSeq", coalesce(b.from_seq, 1) AS "fromSeq"
FROM unnest($1::uuid[]) AS wanted (id)
CROSS JOIN LATERAL (SELECT id, last_seq FROM conversations WHERE id = wanted.id OFFSET 0) c
LEFT JOIN LATERAL (
  SELECT CASE WHEN grams IS NULL THEN from_seq ELSE to_seq + 1 END AS from_seq
  FROM search_blocks WHERE conversation_id = wanted.id ORDER BY search_blocks.from_seq DESC LIMIT 1
) b ON true`,
    values: [ids],
  })
  return rows.map(({ conversationId, lastSeq, fromSeq }) => {
    const toSeq = Math.min(lastSeq, fromSeq + most - 1)
    return { conversationId, fromSeq, toSeq, isEnd: toSeq === lastSeq, isBlock: false }
  })
}

/** The full blocks that hold these changed messages; what lies after them comes with what is new. */
export async function changedRanges(tx: pg.PoolClient, queued: readonly Queued[]): Promise<Range[]> {
  const changes = queued.flatMap(({ conversationId, changed }) =>
    changed.map((seq) => ({ conversationId, seq })),
  )
  if (changes.length === 0) return []
  const { rows } = await tx.query<{ conversationId: string; fromSeq: number; toSeq: number }>({
    name: 'search-changed-blocks',
    text: `SELECT DISTINCT b.conversation_id AS "conversationId", b.from_seq AS "fromSeq", b.to_seq AS "toSeq"
FROM unnest($1::uuid[], $2::int[]) AS changed (conversation_id, seq)
CROSS JOIN LATERAL (
  SELECT * FROM search_blocks WHERE conversation_id = changed.conversation_id AND from_seq <= changed.seq
  ORDER BY from_seq DESC LIMIT 1
) b
WHERE b.to_seq >= changed.seq AND b.grams IS NOT NULL`,
    values: [changes.map(({ conversationId }) => conversationId), changes.map(({ seq }) => seq)],
  })
  return rows.map((row) => ({ ...row, isEnd: true, isBlock: true }))
}

/** The messages of the ranges, in the same order. */
export async function readRanges(tx: pg.PoolClient, ranges: readonly Range[]): Promise<SearchedMessage[][]> {
  const { rows } = await tx.query<SearchedMessage & { place: number }>({
    name: 'read-search-ranges',
    text: `SELECT r.place::int, m.seq, m.sender_id AS "senderId", m.text, m.attachments, m.has_link AS "hasLink",
  m.deleted_at AS "deletedAt", m.created_at AS "createdAt"
FROM unnest($1::uuid[], $2::int[], $3::int[]) WITH ORDINALITY AS r (conversation_id, from_seq, to_seq, place)
CROSS JOIN LATERAL (
  SELECT * FROM messages WHERE conversation_id = r.conversation_id AND seq BETWEEN r.from_seq AND r.to_seq
  ORDER BY seq OFFSET 0
) m ORDER BY r.place, m.seq`,
    values: [
      ranges.map(({ conversationId }) => conversationId),
      ranges.map(({ fromSeq }) => fromSeq),
      ranges.map(({ toSeq }) => toSeq),
    ],
  })
  const byRange = Map.groupBy(rows, ({ place }) => place - 1)
  return ranges.map((_, i) => byRange.get(i) ?? [])
}
