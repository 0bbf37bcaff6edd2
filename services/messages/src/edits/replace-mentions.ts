import type { Queryable } from '../deps.ts'
import { everyone } from '../history/message-row.ts'
import type { LockedMessage } from './change-message.ts'

/** Replaces the users for whom a message counts as an unread mention. */
export async function replaceMentions(
  tx: Queryable,
  message: LockedMessage,
  userIds: readonly string[],
): Promise<void> {
  const { conversationId, seq, senderId, mentions, mentionsAll } = message
  const before = mentionsAll ? [everyone] : mentions
  if (before.length > 0) {
    await tx.query(
      'DELETE FROM mentions WHERE conversation_id = $1 AND user_id = ANY($2::uuid[]) AND seq = $3',
      [conversationId, before, seq],
    )
  }
  if (userIds.length > 0) {
    await tx.query(
      `INSERT INTO mentions (conversation_id, user_id, seq, sender_id)
SELECT $1, id, $3, $4 FROM unnest($2::uuid[]) AS mentioned (id)`,
      [conversationId, userIds, seq, senderId],
    )
  }
}
