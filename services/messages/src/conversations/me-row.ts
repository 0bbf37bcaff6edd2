import type { ConversationMe } from '@finnigram/contracts'
import { everyone } from '../history/message-row.ts'

/**
 * What is unread of a conversation `c` for its participant `p`: what lies after the marker, without one's own, without
 * what others deleted, and without system messages. What is left out is looked up in indexes that hold nothing else
 * (`messages_uncounted` in a migration), so that a week away costs no more than a minute.
 */
export const unreadCount = `CASE WHEN c.last_seq <= greatest(p.last_read_seq, p.joined_seq) THEN 0
  ELSE c.last_seq - greatest(p.last_read_seq, p.joined_seq)
    - (SELECT count(*)::int FROM messages own WHERE own.conversation_id = c.id AND own.sender_id = p.user_id
        AND own.seq > greatest(p.last_read_seq, p.joined_seq))
    - (SELECT count(*)::int FROM messages other WHERE other.conversation_id = c.id
        AND (other.deleted_at IS NOT NULL OR other.kind = 'system')
        AND other.sender_id <> p.user_id AND other.seq > greatest(p.last_read_seq, p.joined_seq))
  END`

/**
 * The columns of `participants`, aliased `p` beside its conversation `c`, that say how it stands for that person. The
 * mentions are looked up in an index of their own, too, and go with their message.
 */
export const meColumns = `p.role, p.joined_seq AS "joinedSeq", p.last_read_seq AS "lastReadSeq", p.last_delivered_seq AS "lastDeliveredSeq",
  p.muted_until AS "mutedUntil", p.archived, p.pinned, p.notify, p.draft, p.draft_at AS "draftAt", ${unreadCount} AS "unreadCount",
  (SELECT count(*)::int FROM mentions naming WHERE naming.conversation_id = c.id
    AND naming.user_id IN (p.user_id, '${everyone}') AND naming.sender_id <> p.user_id
    AND naming.seq > greatest(p.last_read_seq, p.joined_seq)) AS "mentionCount"`

export interface MeRow {
  role: ConversationMe['role']
  joinedSeq: number
  lastReadSeq: number
  lastDeliveredSeq: number
  mutedUntil: Date | null
  archived: boolean
  pinned: boolean
  notify: ConversationMe['notify']
  draft: string | null
  draftAt: Date | null
  unreadCount: number
  mentionCount: number
}

/** How a conversation stands for one person. */
export const toMe = (row: MeRow): ConversationMe => ({
  role: row.role,
  joinedSeq: row.joinedSeq,
  lastReadSeq: row.lastReadSeq,
  lastDeliveredSeq: row.lastDeliveredSeq,
  unreadCount: row.unreadCount,
  mentionCount: row.mentionCount,
  mutedUntil: row.mutedUntil?.toISOString() ?? null,
  archived: row.archived,
  pinned: row.pinned,
  notify: row.notify,
  draft: row.draft,
  draftAt: row.draftAt?.toISOString() ?? null,
  state: 'member',
})
