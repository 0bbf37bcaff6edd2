import type { Marker } from '@finnigram/contracts'
import type pg from 'pg'

/**
 * Freezes or releases the receipts in the direct conversations of these pairs. While one of the two
 * blocks the other, each sees the markers of the other where they were at the block. Call it in the
 * transaction that changes the block. Returns the released markers.
 */
export async function freezeReadReceipts(tx: pg.PoolClient, pairKeys: readonly string[]): Promise<Marker[]> {
  if (pairKeys.length === 0) return []
  // Locked before the blocks are read: of two changes of a pair at once, the later sees the
  // earlier.
  const { rows: locked } = await tx.query<{ id: string }>(
    `SELECT p.conversation_id AS id FROM conversations c JOIN participants p ON p.conversation_id = c.id
WHERE c.pair_key = ANY($1::text[]) ORDER BY p.conversation_id, p.user_id FOR NO KEY UPDATE OF p`,
    [pairKeys],
  )
  if (locked.length === 0) return []
  const { rows } = await tx.query<FrozenRow>(settle, [[...new Set(locked.map(({ id }) => id))]])
  return rows.flatMap(toReleased)
}

const settle = `UPDATE participants p
SET shown_read_seq = CASE WHEN c.is_blocked THEN p.last_read_seq END,
  shown_delivered_seq = CASE WHEN c.is_blocked THEN p.last_delivered_seq END,
  marker_at = CASE WHEN c.is_blocked THEN p.marker_at ELSE now() END
FROM (SELECT q.id, is_blocked(q.pair_key) FROM conversations q WHERE q.id = ANY($1::uuid[])) AS c
WHERE p.conversation_id = c.id AND c.is_blocked = (p.shown_read_seq IS NULL)
RETURNING c.is_blocked AS "isBlocked", p.conversation_id AS "conversationId", p.user_id AS "userId",
  p.last_read_seq AS "readSeq", p.last_delivered_seq AS "deliveredSeq",
  (SELECT u.hides_reads FROM users_replica u WHERE u.id = p.user_id) AS "hidesReads"`

interface FrozenRow {
  isBlocked: boolean
  conversationId: string
  userId: string
  readSeq: number
  deliveredSeq: number
  hidesReads: boolean | null
}

const toReleased = ({ isBlocked, hidesReads, readSeq, ...marker }: FrozenRow): Marker[] => {
  if (isBlocked) return []
  return [hidesReads ? marker : { ...marker, readSeq }]
}
