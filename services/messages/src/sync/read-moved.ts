import type { Marker, SyncReply } from '@finnigram/contracts'
import type { Snapshot } from '../conversations/load-conversations.ts'
import { type MeRow, meColumns, toMe } from '../conversations/me-row.ts'
import type { Membership } from './membership.ts'

/**
 * A marker is stamped when it is written and seen when its transaction is committed, which may be later than another
 * that was stamped after it: looking back this much further than asked costs little, and misses nothing.
 */
const overlapMs = 60_000
/** In larger groups everyone's markers would outweigh everything else; who wants to know asks for the participants. */
const othersUpTo = 100

export interface Since {
  userId: string
  since: Date
}

/** Markers of everyone in these conversations that moved since then. */
export async function readMarkers(
  tx: Snapshot,
  conversations: readonly Membership[],
  { since }: Since,
): Promise<Marker[]> {
  const ids = conversations.flatMap(({ id, participantCount }) => (participantCount <= othersUpTo ? id : []))
  if (ids.length === 0) return []
  const { rows } = await tx.query<Marker>({
    name: 'sync-markers',
    text: `SELECT p.conversation_id AS "conversationId", p.user_id AS "userId", p.last_read_seq AS "readSeq", p.last_delivered_seq AS "deliveredSeq"
FROM unnest($1::uuid[]) AS wanted (id)
CROSS JOIN LATERAL (
  SELECT * FROM participants q
  WHERE q.conversation_id = wanted.id AND q.left_version IS NULL AND q.marker_at >= $2 OFFSET 0
) p`,
    values: [ids, lookBack(since)],
  })
  return rows
}

/** How these conversations stand for the person, where their own markers or settings changed since then. */
export async function readChangedMe(
  tx: Snapshot,
  conversations: readonly Membership[],
  { userId, since }: Since,
): Promise<SyncReply['me']> {
  if (conversations.length === 0) return []
  const { rows } = await tx.query<MeRow & { conversationId: string }>({
    name: 'sync-me',
    text: `SELECT c.id AS "conversationId", ${meColumns}
FROM unnest($1::uuid[]) AS wanted (id)
CROSS JOIN LATERAL (
  SELECT * FROM participants q
  WHERE q.conversation_id = wanted.id AND q.user_id = $2 AND (q.marker_at >= $3 OR q.me_at >= $3) OFFSET 0
) p
CROSS JOIN LATERAL (SELECT * FROM conversations q WHERE q.id = wanted.id OFFSET 0) c`,
    values: [conversations.map(({ id }) => id), userId, lookBack(since)],
  })
  return rows.map((row) => ({ conversationId: row.conversationId, me: toMe(row) }))
}

const lookBack = (since: Date) => new Date(since.getTime() - overlapMs)
