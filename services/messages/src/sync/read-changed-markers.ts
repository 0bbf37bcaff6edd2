import type { Marker, SyncReply } from '@finnigram/contracts'
import { type MemberSettingsRow, meColumns, toMe } from '../conversations/member-settings.ts'
import type { Queryable } from '../deps.ts'
import type { Membership } from './plan-sync.ts'

/**
 * A marker is stamped when it is written and visible after its commit, perhaps later than one that
 * was stamped after it. Looking back this much further than asked misses none.
 */
export const overlapMs = 60_000
/**
 * Markers of others are sent in groups up to this size. In larger ones the list of participants has
 * them.
 */
const othersUpTo = 100

interface Asked {
  userId: string
  /** In milliseconds since 1970. */
  since: number
}

/**
 * Markers of these conversations that moved since then, and the person's own settings that changed.
 */
export async function readChangedMarkers(
  tx: Queryable,
  conversations: readonly Membership[],
  { userId, since }: Asked,
): Promise<Pick<SyncReply, 'markers' | 'me'>> {
  const from = since - overlapMs
  const small = conversations.filter(({ participantCount }) => participantCount <= othersUpTo)
  const changed = conversations.filter(({ changedAt }) => changedAt !== null && changedAt >= from)
  const [markers, me] = await Promise.all([
    readMarkers(tx, small, { userId, from: new Date(from) }),
    readMe(tx, changed, userId),
  ])
  return { markers, me }
}

const idsOf = (conversations: readonly Membership[]) => conversations.map(({ id }) => id)

async function readMarkers(
  tx: Queryable,
  conversations: readonly Membership[],
  { userId, from }: { userId: string; from: Date },
): Promise<Marker[]> {
  if (conversations.length === 0) return []
  const { rows } = await tx.query<MarkerRow>({
    name: 'sync-markers',
    text: `SELECT p.conversation_id AS "conversationId", p.user_id AS "userId", p.last_read_seq AS "readSeq", p.last_delivered_seq AS "deliveredSeq",
  p.shown_read_seq AS "shownReadSeq", p.shown_delivered_seq AS "shownDeliveredSeq", u.hides_reads AS "hidesReads"
FROM unnest($1::uuid[]) AS wanted (id)
CROSS JOIN LATERAL (
  SELECT * FROM participants q
  WHERE q.conversation_id = wanted.id AND q.left_version IS NULL AND q.marker_at >= $2 OFFSET 0
) p
LEFT JOIN LATERAL (SELECT q.hides_reads FROM users_replica q WHERE q.id = p.user_id OFFSET 0) u ON true`,
    values: [idsOf(conversations), from],
  })
  return rows.map((row) => toMarker(row, userId))
}

interface MarkerRow {
  conversationId: string
  userId: string
  readSeq: number
  deliveredSeq: number
  shownReadSeq: number | null
  shownDeliveredSeq: number | null
  hidesReads: boolean | null
}

/** The marker as the viewer may see it. */
function toMarker(row: MarkerRow, viewerId: string): Marker {
  const { conversationId, userId, readSeq, deliveredSeq } = row
  if (userId === viewerId) return { conversationId, userId, readSeq, deliveredSeq }
  const delivered = { conversationId, userId, deliveredSeq: row.shownDeliveredSeq ?? deliveredSeq }
  return row.hidesReads ? delivered : { ...delivered, readSeq: row.shownReadSeq ?? readSeq }
}

async function readMe(
  tx: Queryable,
  conversations: readonly Membership[],
  userId: string,
): Promise<SyncReply['me']> {
  if (conversations.length === 0) return []
  const { rows } = await tx.query<MemberSettingsRow & { conversationId: string }>({
    name: 'sync-me',
    text: `SELECT c.id AS "conversationId", ${meColumns}
FROM unnest($1::uuid[]) AS wanted (id)
CROSS JOIN LATERAL (
  SELECT * FROM participants q WHERE q.conversation_id = wanted.id AND q.user_id = $2 OFFSET 0
) p
CROSS JOIN LATERAL (SELECT * FROM conversations q WHERE q.id = wanted.id OFFSET 0) c`,
    values: [idsOf(conversations), userId],
  })
  return rows.map((row) => ({ conversationId: row.conversationId, me: toMe(row) }))
}
