import type pg from 'pg'

/** A conversation that search has to look at, with the messages of it that were changed. */
export interface Queued {
  conversationId: string
  isBackfill: boolean
  changed: number[]
}

/** Takes the oldest rows off the queue, at most so many, those of the backfill last. */
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

/** Conversations of one row, at most. */
const conversationsPerRow = 100

/** Puts back what there was no room for in this round: behind everyone else, so that nobody waits for one who says much. */
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
