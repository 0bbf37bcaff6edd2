import type { ConversationMe } from '@finnigram/contracts'
import { everyone } from '../history/message-row.ts'

/**
 * SQL: the unread count of the conversation `c` for its participant `p`. It counts messages after
 * the read marker, without one's own, deleted and system messages. Those come from partial indexes
 * (`messages_uncounted` in a migration), so the cost does not grow with the absence.
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
 * SQL: what a participant `p` alone sees of the conversation `c`, which the API calls `me`. Unread
 * mentions have an index of their own, and are deleted with their message.
 */
export const meColumns = `p.role, p.joined_seq AS "joinedSeq", p.last_read_seq AS "lastReadSeq", p.last_delivered_seq AS "lastDeliveredSeq",
  p.muted_until AS "mutedUntil", p.archived, p.pinned, p.notify, p.draft, p.draft_at AS "draftAt", ${unreadCount} AS "unreadCount",
  (SELECT count(*)::int FROM mentions mention WHERE mention.conversation_id = c.id
    AND mention.user_id IN (p.user_id, '${everyone}') AND mention.sender_id <> p.user_id
    AND mention.seq > greatest(p.last_read_seq, p.joined_seq)) AS "mentionCount"`

export interface MemberSettingsRow {
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

/** The field `me` of a conversation. */
export const toMe = (row: MemberSettingsRow): ConversationMe => ({
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
