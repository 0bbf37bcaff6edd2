import { type Actor, AppError } from '@finnigram/service-kit'
import type { MessagesContext } from '../../context.ts'
import { type Change, changeConversation } from '../change-conversation.ts'
import { declineInvitation } from '../invitations/end-invitations.ts'
import { letOut } from './remove-member.ts'
import { requireAnotherOwner } from './require-another-owner.ts'
import { requireParticipant } from './require-participant.ts'

/**
 * Removes somebody from a group, leaves it, or declines an invitation to it. Throws `not_found`, `forbidden`, or `last_owner` while others would be left without one.
 */
export async function removeParticipant(
  ctx: MessagesContext,
  actor: Actor,
  { conversationId, userId }: { conversationId: string; userId: string },
): Promise<void> {
  const isSelf = userId === actor.userId
  if (isSelf && (await declineInvitation(ctx, { conversationId, userId }))) return
  await changeConversation(ctx, { actor, conversationId }, async (change) => {
    const { role } = await requireParticipant(change, userId)
    requireRemovable(change, { isSelf, role })
    const isAlone = change.conversation.participantCount === 1
    if (role === 'owner' && !isAlone) await requireAnotherOwner(change, userId)
    await letOut(change, userId)
  })
}

/** Owners may remove everyone, admins members, everyone themselves. */
function requireRemovable(change: Change, { isSelf, role }: { isSelf: boolean; role: Change['role'] }): void {
  if (change.conversation.kind !== 'group') {
    throw new AppError('forbidden', { detail: 'Nobody leaves a direct conversation; archive it' })
  }
  const mayRemove = isSelf || change.role === 'owner' || (change.role === 'admin' && role === 'member')
  if (!mayRemove) throw new AppError('forbidden', { detail: 'Only those above may do this' })
}
