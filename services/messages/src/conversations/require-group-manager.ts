import { type Actor, AppError } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import type { Change } from './change-conversation.ts'
import { requireManagedGroup } from './permissions.ts'

/** Lets pass who may manage a group, without locking it: for reading, or before work that is checked again. Throws `not_found` or `forbidden`. */
export async function requireGroupManager(
  { pool }: Pick<MessagesContext, 'pool'>,
  actor: Actor,
  conversationId: string,
): Promise<void> {
  const { rows } = await pool.query<{ kind: Change['conversation']['kind']; role: Change['role'] }>(
    `SELECT c.kind, p.role FROM participants p JOIN conversations c ON c.id = p.conversation_id
WHERE p.conversation_id = $1 AND p.user_id = $2 AND p.left_version IS NULL`,
    [conversationId, actor.userId],
  )
  const [row] = rows
  if (!row) throw new AppError('not_found')
  requireManagedGroup({ conversation: { kind: row.kind }, role: row.role })
}
