import type { Marker, readEventData } from '@finnigram/contracts'
import type pg from 'pg'
import type { z } from 'zod'

/** The least that both markers of a participant should reach. */
export interface WantedMarker {
  userId: string
  conversationId: string
  readSeq: number
  deliveredSeq: number
}

/** A marker to publish; some go only to the devices of their owner. */
export type MovedMarker = Marker & { isOwnOnly?: true }

export interface MovedMarkers {
  moved: MovedMarker[]
  /** Reads of people who may have notifications on their devices. */
  read: ReadMarker[]
}
export type ReadMarker = z.output<(typeof readEventData)['conversation.read']>

/**
 * Rows are locked in one order, so that two nodes never deadlock. Where a read receipt is hidden,
 * or frozen by a block, `me_at` changes and not `marker_at`: otherwise sync would show the time of
 * the read to others.
 */
const move = `WITH wanted AS (
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[]) AS w (conversation_id, user_id, read_seq, delivered_seq)
  ORDER BY conversation_id, user_id
), locked AS (
  SELECT w.conversation_id, w.user_id, p.last_read_seq, p.last_delivered_seq,
    greatest(p.last_read_seq, least(w.read_seq, c.last_seq)) AS read_seq,
    greatest(p.last_delivered_seq, least(greatest(w.read_seq, w.delivered_seq), c.last_seq)) AS delivered_seq,
    coalesce(u.hides_reads, false) AS hides_reads, coalesce(u.reachable, false) AS reachable, p.shown_read_seq IS NOT NULL AS is_frozen
  FROM wanted w
  CROSS JOIN LATERAL (
    SELECT * FROM participants q
    WHERE q.conversation_id = w.conversation_id AND q.user_id = w.user_id AND q.left_version IS NULL
    OFFSET 0 FOR NO KEY UPDATE
  ) p
  CROSS JOIN LATERAL (SELECT * FROM conversations q WHERE q.id = w.conversation_id OFFSET 0) c
  LEFT JOIN LATERAL (SELECT q.hides_reads, q.reachable FROM users_replica q WHERE q.id = w.user_id OFFSET 0) u ON true
), moved AS (
  UPDATE participants p
  SET last_read_seq = h.read_seq, last_delivered_seq = h.delivered_seq,
    marker_at = CASE WHEN h.is_frozen OR h.hides_reads AND h.delivered_seq = h.last_delivered_seq THEN p.marker_at
      ELSE now() END,
    me_at = CASE WHEN h.is_frozen OR h.hides_reads THEN now() ELSE p.me_at END
  FROM locked h
  WHERE p.conversation_id = h.conversation_id AND p.user_id = h.user_id
    AND (h.read_seq > h.last_read_seq OR h.delivered_seq > h.last_delivered_seq)
)
SELECT conversation_id AS "conversationId", user_id AS "userId", hides_reads AS "hidesReads", is_frozen AS "isFrozen",
  reachable, CASE WHEN read_seq > last_read_seq THEN read_seq END AS "readSeq",
  CASE WHEN delivered_seq > last_delivered_seq THEN delivered_seq END AS "deliveredSeq"
FROM locked`

interface LockedRow {
  conversationId: string
  userId: string
  hidesReads: boolean
  isFrozen: boolean
  reachable: boolean
  readSeq: number | null
  deliveredSeq: number | null
}

/**
 * Moves markers forward in one statement. Returns the participants that exist, as keys of `keyOf`,
 * and what moved.
 */
export async function storeMarkers(
  pool: pg.Pool,
  wanted: readonly WantedMarker[],
): Promise<MovedMarkers & { found: Set<string> }> {
  // Without a name, so that each run gets a plan of its own: it runs at most 20 times a second.
  const { rows } = await pool.query<LockedRow>(move, [
    wanted.map(({ conversationId }) => conversationId),
    wanted.map(({ userId }) => userId),
    wanted.map(({ readSeq }) => readSeq),
    wanted.map(({ deliveredSeq }) => deliveredSeq),
  ])
  return { found: new Set(rows.map(keyOf)), moved: rows.flatMap(toMoved), read: rows.flatMap(toRead) }
}

/** The key of a participant in a map. */
export const keyOf = ({ conversationId, userId }: { conversationId: string; userId: string }): string =>
  `${conversationId}:${userId}`

function toMoved({ conversationId, userId, readSeq, deliveredSeq, ...row }: LockedRow): MovedMarker[] {
  const marker = {
    conversationId,
    userId,
    ...(readSeq === null ? {} : { readSeq }),
    ...(deliveredSeq === null ? {} : { deliveredSeq }),
  }
  if (readSeq === null && deliveredSeq === null) return []
  if (row.isFrozen) return [{ ...marker, isOwnOnly: true }]
  if (!row.hidesReads || readSeq === null) return [marker]
  const own = { conversationId, userId, readSeq, isOwnOnly: true as const }
  return deliveredSeq === null ? [own] : [{ conversationId, userId, deliveredSeq }, own]
}

const toRead = ({ conversationId, userId, readSeq, reachable }: LockedRow): ReadMarker[] =>
  reachable && readSeq !== null ? [{ userId, conversationId, readSeq }] : []
