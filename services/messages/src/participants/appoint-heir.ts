import type { LockedConversation } from '../conversations/with-locked-conversation.ts'
import { insertSystemMessage } from '../history/insert-system-message.ts'

/** Admins before members, who came first before who came later; never somebody whose account has ended, too. */
const select = `SELECT p.user_id AS id, p.role
FROM participants p LEFT JOIN users_replica u ON u.id = p.user_id
WHERE p.conversation_id = $1 AND p.user_id <> $2 AND p.left_version IS NULL AND u.deleted IS NOT TRUE
ORDER BY p.role, p.joined_version, p.user_id LIMIT 1`

/** Makes somebody owner in the place of one who goes without naming another; where another owner or nobody is left, nothing happens. */
export async function appointHeir(locked: LockedConversation, ownerId: string): Promise<void> {
  const { tx, conversation, log } = locked
  const { rows } = await tx.query<{ id: string; role: string }>(select, [conversation.id, ownerId])
  const [heir] = rows
  if (!heir || heir.role === 'owner') return
  await tx.query(`UPDATE participants SET role = 'owner' WHERE conversation_id = $1 AND user_id = $2`, [
    conversation.id,
    heir.id,
  ])
  const change = { userId: heir.id, role: 'owner' as const }
  log.emit('participant.role_changed', change)
  await insertSystemMessage(locked, { type: 'participant.role_changed', ...change })
}
