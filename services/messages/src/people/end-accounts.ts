import { forgetUnsent } from '../attachments/removal/forget-unsent.ts'
import type { MessagesContext } from '../context.ts'
import { withLockedConversation } from '../conversations/with-locked-conversation.ts'
import { appointHeir } from '../participants/appoint-heir.ts'
import { findRole } from '../participants/find-role.ts'
import { letOut } from '../participants/let-out.ts'
import { forgetProfile } from './forget-profile.ts'

type Sources = Pick<MessagesContext, 'pool' | 'relay'>

/**
 * What follows when accounts have ended: they leave their groups, of which another becomes owner where they were the
 * last, and what was theirs alone goes, as does their profile from the events that told of them. Direct conversations
 * stay for the other. May run any number of times.
 */
export async function endAccounts(sources: Sources, userIds: readonly string[]): Promise<void> {
  if (userIds.length === 0) return
  const { rows } = await sources.pool.query<{ userId: string; conversationId: string }>(
    `SELECT p.user_id AS "userId", p.conversation_id AS "conversationId"
FROM participants p JOIN conversations c ON c.id = p.conversation_id
WHERE p.user_id = ANY($1::uuid[]) AND p.left_version IS NULL AND c.kind = 'group'`,
    [userIds],
  )
  for (const place of rows) await leaveGroup(sources, place)
  await forgetOwn(sources, userIds)
  await forgetUnsent(sources.pool, userIds)
  for (const userId of userIds) await forgetProfile(sources.pool, userId)
}

const leaveGroup = (
  sources: Sources,
  { userId, conversationId }: { userId: string; conversationId: string },
): Promise<void> =>
  withLockedConversation(sources, { actorId: userId, conversationId }, async (locked) => {
    const role = await findRole(locked.tx, { conversationId, userId })
    if (role === undefined) return
    if (role === 'owner') await appointHeir(locked, userId)
    await letOut(locked, userId)
  })

async function forgetOwn({ pool }: Sources, userIds: readonly string[]): Promise<void> {
  await pool.query(
    'UPDATE participants SET draft = NULL WHERE user_id = ANY($1::uuid[]) AND draft IS NOT NULL',
    [userIds],
  )
  await pool.query(
    'DELETE FROM group_invitations WHERE user_id = ANY($1::uuid[]) OR invited_by = ANY($1::uuid[])',
    [userIds],
  )
  await pool.query('DELETE FROM stranger_additions WHERE user_id = ANY($1::uuid[])', [userIds])
  await pool.query('DELETE FROM stars WHERE user_id = ANY($1::uuid[])', [userIds])
  await pool.query('DELETE FROM blocks WHERE user_id = ANY($1::uuid[]) OR blocked_id = ANY($1::uuid[])', [
    userIds,
  ])
}
