import type { Participant, Role } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type { MessagesContext } from '../../context.ts'
import { tellNotice } from '../../history/insert-system-message.ts'
import type { LockedConversation } from '../change-conversation.ts'
import { changeConversation } from '../change-conversation.ts'
import { endInvitesOf } from '../invitations/end-invitations.ts'
import { requireAnotherOwner, requireParticipant } from '../permissions.ts'
import { toParticipant } from './participant-row.ts'

/** Gives somebody in a group another role; only owners may. The invites of who no longer manages it end. Throws `not_found`, `forbidden` or `last_owner`. */
export const changeRole = (
  ctx: MessagesContext,
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
    if (role === 'member') await endInvitesOf(change, userId)
    change.log.tell('participant.role_changed', { userId, role })
    await tellNotice(change, { type: 'participant.role_changed', userId, role })
    return toParticipant({ ...participant, role }, actor.userId)
  })

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
  log.tell('participant.role_changed', change)
  await tellNotice(locked, { type: 'participant.role_changed', ...change })
}
