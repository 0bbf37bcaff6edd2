import { AppError } from '@finnigram/service-kit'
import type { Snapshot } from '../conversations/load-conversations.ts'
import { isReadable } from '../history/to-read-message.ts'

/** The lock on the message keeps it from being deleted until a star of it is committed, which the deletion then takes along. */
const select = `SELECT m.conversation_id AS "conversationId", m.deleted_at IS NOT NULL AS "isDeleted"
FROM messages m JOIN participants p ON p.conversation_id = m.conversation_id AND p.user_id = $2
WHERE m.id = $1 AND ${isReadable}
FOR SHARE OF m`

/** Where a message is that the person can see now. Throws `not_found`. */
export async function findVisible(
  tx: Snapshot,
  { messageId, userId }: { messageId: string; userId: string },
): Promise<{ conversationId: string; isDeleted: boolean }> {
  const { rows } = await tx.query<{ conversationId: string; isDeleted: boolean }>(select, [messageId, userId])
  const [message] = rows
  if (!message) throw new AppError('not_found')
  return message
}
