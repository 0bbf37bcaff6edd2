import type pg from 'pg'
import { z } from 'zod'
import type { WithPool } from '../deps.ts'

/** A conversation to index, with its changed messages. */
export interface Queued {
  conversationId: string
  isBackfill: boolean
  changed: number[]
}

/** Dequeues at most so many rows: the oldest first, those of a backfill last. */
export async function takeQueued(tx: pg.PoolClient, most: number): Promise<Queued[]> {
  const { rows } = await tx.query<{ conversationId: string; isBackfill: boolean; seq: number | null }>({
    name: 'take-search-queue',
    text: `WITH taken AS (
  DELETE FROM search_queue WHERE (is_backfill, id) IN (
    SELECT is_backfill, id FROM search_queue ORDER BY is_backfill, id LIMIT $1
  ) RETURNING id, conversation_ids, is_backfill, seq
)
SELECT unnest(conversation_ids) AS "conversationId", is_backfill AS "isBackfill", seq FROM taken
ORDER BY is_backfill, id`,
    values: [most],
  })
  const queued = new Map<string, Queued & { changes: Set<number> }>()
  for (const { conversationId, isBackfill, seq } of rows) {
    const known = queued.get(conversationId) ?? {
      ...{ conversationId, isBackfill, changed: [], changes: new Set() },
    }
    queued.set(conversationId, known)
    known.isBackfill &&= isBackfill
    if (seq !== null) known.changes.add(seq)
  }
  return [...queued.values()]
    .map(({ changes, ...one }) => ({ ...one, changed: [...changes] }))
    .sort((a, b) => Number(a.isBackfill) - Number(b.isBackfill))
}

/**
 * Age of the oldest entry in the queue in seconds. Undefined when it is empty. A small query, five
 * times a second.
 */
export async function ageOfQueue(db: pg.Pool | pg.PoolClient): Promise<number | undefined> {
  const { rows } = await db.query<{ seconds: number }>({
    name: 'is-search-queued',
    text: `SELECT extract(epoch FROM now() - queued_at)::float8 AS seconds FROM search_queue ORDER BY is_backfill, id LIMIT 1`,
  })
  return rows[0]?.seconds
}

/** Conversations of one row, at most. */
const conversationsPerRow = 100

/**
 * Requeues what did not fit into a round, behind everyone else, so that one busy conversation
 * delays no other.
 */
export async function putBack(tx: pg.PoolClient, queued: readonly Queued[]): Promise<void> {
  if (queued.length === 0) return
  const rows = queued.flatMap((one) => one.changed.map((seq) => ({ ...one, seq })))
  await tx.query(
    `INSERT INTO search_queue (conversation_ids, is_backfill, seq)
SELECT array_agg(conversation_id ORDER BY place), is_backfill, NULL
FROM unnest($1::uuid[], $2::boolean[]) WITH ORDINALITY AS left_over (conversation_id, is_backfill, place)
GROUP BY is_backfill, (place - 1) / ${conversationsPerRow}`,
    [queued.map(({ conversationId }) => conversationId), queued.map(({ isBackfill }) => isBackfill)],
  )
  if (rows.length === 0) return
  await tx.query(
    `INSERT INTO search_queue (conversation_ids, is_backfill, seq)
SELECT ARRAY[conversation_id], is_backfill, seq
FROM unnest($1::uuid[], $2::boolean[], $3::int[]) AS left_over (conversation_id, is_backfill, seq)`,
    [
      rows.map(({ conversationId }) => conversationId),
      rows.map(({ isBackfill }) => isBackfill),
      rows.map(({ seq }) => seq),
    ],
  )
}

/** The kind of the job that `queueUnfolded` does. A migration queues it. */
export const unfoldedJob = 'search.unfolded'

const nilId = '00000000-0000-0000-0000-000000000000'
/** Blocks of one piece: at most about 16 MB. */
const blocksAtOnce = 500
const Place = z.tuple([z.uuid(), z.int()])

/**
 * Letters and digits that `fold` replaces, as a PostgreSQL regular expression. A block with one of
 * them was built by an earlier version that did not.
 */
const unfolded = String.raw`[\u02bb\u02bd\u02be\u02bf\u02c8\u2032\u05f3\u0671\u0629\u06c1\u06c3\u06be\u06d5\u0649\u06cc\u06d0\u06a9\u06aa\u0901\u9ad9\ufa11\u5d5c\u7895\u6ff1\u6ff5\u908a\u9089\u9f4b\u6589\u9f4a\u6fa4\u5d8b\u5d8c\u6afb\u771e\u5ee3\u570b\u5fb7\u9ed1\u60e0\u69ae\U00020bb7\u585a\u093c\u0640\u3099\u309a\u0660-\u0669\u06f0-\u06f9\u07c0-\u07c9\u0966-\u096f\u09e6-\u09ef\u0a66-\u0a6f\u0ae6-\u0aef\u0b66-\u0b6f\u0be6-\u0bef\u0c66-\u0c6f\u0ce6-\u0cef\u0d66-\u0d6f\u0de6-\u0def\u0e50-\u0e59\u0ed0-\u0ed9\u0f20-\u0f29\u1040-\u1049\u1090-\u1099\u17e0-\u17e9\u1810-\u1819\u1946-\u194f\u19d0-\u19d9\u1a80-\u1a89\u1a90-\u1a99\u1b50-\u1b59\u1bb0-\u1bb9\u1c40-\u1c49\u1c50-\u1c59\ua620-\ua629\ua8d0-\ua8d9\ua900-\ua909\ua9d0-\ua9d9\ua9f0-\ua9f9\uaa50-\uaa59\uabf0-\uabf9]`

const selectUnfolded = `WITH looked AS MATERIALIZED (
  SELECT conversation_id, from_seq, lines FROM search_blocks WHERE (conversation_id, from_seq) > ($1, $2)
  ORDER BY conversation_id, from_seq LIMIT ${blocksAtOnce}
), queued AS (
  INSERT INTO search_queue (is_backfill, conversation_ids, seq)
  SELECT true, ARRAY[conversation_id], from_seq FROM looked WHERE lines ~ $3
)
SELECT conversation_id AS id, from_seq AS "fromSeq" FROM looked ORDER BY conversation_id DESC, from_seq DESC LIMIT 1`

/**
 * Looks through the next blocks, and queues those that a node of an earlier version built, which
 * folded fewer letters. Idempotent. A job runs it piece by piece.
 */
export async function queueUnfolded(
  { pool }: WithPool,
  place: unknown,
): Promise<{ place: z.infer<typeof Place> } | 'done'> {
  const after = place === null ? [nilId, 0] : Place.parse(place)
  const { rows } = await pool.query<{ id: string; fromSeq: number }>(selectUnfolded, [...after, unfolded])
  const [last] = rows
  return last ? { place: [last.id, last.fromSeq] } : 'done'
}
