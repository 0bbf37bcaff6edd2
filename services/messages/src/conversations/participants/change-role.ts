import type { Participant, Role } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type { WithPool, WithRelay } from '../../deps.ts'
import { insertSystemMessage } from '../../history/insert-system-message.ts'
import { changeConversation, type LockedConversation } from '../change-conversation.ts'
import { revokeInvitesBy } from '../invitations/end-invitations.ts'
import { requireAnotherOwner, requireParticipant } from '../permissions.ts'
import { toParticipant } from './participant-row.ts'

/**
 * Changes the role of a participant; only owners may. The invites of a former admin or owner are
 * revoked. Throws `not_found`, `forbidden` or `last_owner`.
 */
export const changeRole = (
  ctx: WithPool & WithRelay,
  actor: Actor,
  { conversationId, userId, role }: { conversationId: string; userId: string; role: Role },
): Promise<Participant> =>
  changeConversation(ctx, { actor, conversationId }, async (change) => {
    const participant = await requireParticipant(change, userId)
    if (change.role !== 'owner') throw new AppError('forbidden', { detail: 'Only owners may do this' })
    if (participant.role === role) return toParticipant(participant, actor.userId)
    if (participant.role === 'owner') await requireAnotherOwner(change, userId)
    await change.tx.query(
      'UPDATE participants SET role = $3::role WHERE conversation_id = $1 AND user_id = $2',
      [conversationId, userId, role],
    )
    if (role === 'member') await revokeInvitesBy(change, userId)
    change.log.emit('participant.role_changed', { userId, role })
    await insertSystemMessage(change, { type: 'participant.role_changed', userId, role })
    return toParticipant({ ...participant, role }, actor.userId)
  })

/** Admins before members, then by time of joining; never an account that has ended. */
const selectSuccessor = `SELECT p.user_id AS id, p.role
FROM participants p LEFT JOIN users_replica u ON u.id = p.user_id
WHERE p.conversation_id = $1 AND p.user_id <> $2 AND p.left_version IS NULL AND u.deleted IS NOT TRUE
ORDER BY p.role, p.joined_version, p.user_id LIMIT 1`

/**
 * Makes another member owner, because this owner's account has ended. Nothing happens when there is
 * another owner, or nobody else.
 */
export async function transferOwnership(locked: LockedConversation, ownerId: string): Promise<void> {
  const { tx, conversation, log } = locked
  const { rows } = await tx.query<{ id: string; role: string }>(selectSuccessor, [conversation.id, ownerId])
  const [successor] = rows
  if (!successor || successor.role === 'owner') return
  await tx.query(`UPDATE participants SET role = 'owner' WHERE conversation_id = $1 AND user_id = $2`, [
    conversation.id,
    successor.id,
  ])
  const change = { userId: successor.id, role: 'owner' as const }
  log.emit('participant.role_changed', change)
  await insertSystemMessage(locked, { type: 'participant.role_changed', ...change })
}
