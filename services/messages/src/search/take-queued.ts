import type pg from 'pg'

/** A conversation that search has to look at, with the messages of it that were changed. */
export interface Queued {
  conversationId: string
  isBackfill: boolean
  changed: number[]
}

/** Rows of the queue in one round. */
const takeAtMost = 500

/** Takes the oldest rows off the queue, those of the backfill last. */
export async function takeQueued(tx: pg.PoolClient): Promise<Queued[]> {
  const { rows } = await tx.query<{ conversationId: string; isBackfill: boolean; seq: number | null }>({
    name: 'take-search-queue',
    text: `WITH taken AS (
  DELETE FROM search_queue WHERE (is_backfill, id) IN (
    SELECT is_backfill, id FROM search_queue ORDER BY is_backfill, id LIMIT ${takeAtMost}
  ) RETURNING conversation_ids, is_backfill, seq
)
SELECT unnest(conversation_ids) AS "conversationId", is_backfill AS "isBackfill", seq FROM taken`,
  })
  const queued = new Map<string, Queued>()
  for (const { conversationId, isBackfill, seq } of rows) {
    const known = queued.get(conversationId) ?? { conversationId, isBackfill, changed: [] }
    queued.set(conversationId, known)
    known.isBackfill &&= isBackfill
    if (seq !== null) known.changed.push(seq)
  }
  return [...queued.values()].sort((a, b) => Number(a.isBackfill) - Number(b.isBackfill))
}

/** Puts back what there was no room for in this round. */
export async function putBack(tx: pg.PoolClient, queued: readonly Queued[]): Promise<void> {
  if (queued.length === 0) return
  const rows = queued.flatMap((one) => [null, ...one.changed].map((seq) => ({ ...one, seq })))
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
