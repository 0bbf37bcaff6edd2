import type { Participant, Role } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { changeConversation } from '../conversations/change-conversation.ts'
import { insertSystemMessage } from '../history/insert-system-message.ts'
import { endInvitesOf } from '../invitations/end-invitations.ts'
import { toParticipant } from './participant-row.ts'
import { requireAnotherOwner } from './require-another-owner.ts'
import { requireParticipant } from './require-participant.ts'

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
    change.log.emit('participant.role_changed', { userId, role })
    await insertSystemMessage(change, { type: 'participant.role_changed', userId, role })
    return toParticipant({ ...participant, role }, actor.userId)
  })
