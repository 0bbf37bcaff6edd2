import type { Marker } from '@finnigram/contracts'
import type pg from 'pg'

/** Where one person wants both markers of a conversation to be at least. */
export interface WantedMarker {
  userId: string
  conversationId: string
  readSeq: number
  deliveredSeq: number
}

/**
 * The rows are locked in one order, so that two nodes never wait for each other. Markers never pass the last message and
 * never move back; what is read has been delivered.
 */
const move = `WITH wanted AS (
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[]) AS w (conversation_id, user_id, read_seq, delivered_seq)
  ORDER BY conversation_id, user_id
), held AS (
  SELECT w.conversation_id, w.user_id, p.last_read_seq, p.last_delivered_seq,
    greatest(p.last_read_seq, least(w.read_seq, c.last_seq)) AS read_seq,
    greatest(p.last_delivered_seq, least(greatest(w.read_seq, w.delivered_seq), c.last_seq)) AS delivered_seq
  FROM wanted w
  CROSS JOIN LATERAL (
    SELECT * FROM participants q
    WHERE q.conversation_id = w.conversation_id AND q.user_id = w.user_id AND q.left_version IS NULL
    OFFSET 0 FOR NO KEY UPDATE
  ) p
  CROSS JOIN LATERAL (SELECT * FROM conversations q WHERE q.id = w.conversation_id OFFSET 0) c
), moved AS (
  UPDATE participants p
  SET last_read_seq = h.read_seq, last_delivered_seq = h.delivered_seq, marker_at = now()
  FROM held h
  WHERE p.conversation_id = h.conversation_id AND p.user_id = h.user_id
    AND (h.read_seq > h.last_read_seq OR h.delivered_seq > h.last_delivered_seq)
)
SELECT conversation_id AS "conversationId", user_id AS "userId",
  CASE WHEN read_seq > last_read_seq THEN read_seq END AS "readSeq",
  CASE WHEN delivered_seq > last_delivered_seq THEN delivered_seq END AS "deliveredSeq"
FROM held`

interface HeldRow {
  conversationId: string
  userId: string
  readSeq: number | null
  deliveredSeq: number | null
}

/** Moves markers forward in one statement. Answers the people found in their conversations, as `keyOf` names them, and what moved. */
export async function moveMarkers(
  pool: pg.Pool,
  wanted: readonly WantedMarker[],
): Promise<{ found: Set<string>; moved: Marker[] }> {
  // Without a name, so that it is planned for the tables as they are: it runs at most twenty times a second.
  const { rows } = await pool.query<HeldRow>(move, [
    wanted.map(({ conversationId }) => conversationId),
    wanted.map(({ userId }) => userId),
    wanted.map(({ readSeq }) => readSeq),
    wanted.map(({ deliveredSeq }) => deliveredSeq),
  ])
  return { found: new Set(rows.map(keyOf)), moved: rows.flatMap(toMoved) }
}

/** Names a person in a conversation. */
export const keyOf = ({ conversationId, userId }: { conversationId: string; userId: string }): string =>
  `${conversationId}:${userId}`

function toMoved({ conversationId, userId, readSeq, deliveredSeq }: HeldRow): Marker[] {
  if (readSeq === null && deliveredSeq === null) return []
  return [
    {
      conversationId,
      userId,
      ...(readSeq === null ? {} : { readSeq }),
      ...(deliveredSeq === null ? {} : { deliveredSeq }),
    },
  ]
}
