import { type Actor, AppError } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { type Change, changeConversation } from '../conversations/change-conversation.ts'
import { requireAnotherOwner } from './require-another-owner.ts'
import { requireParticipant } from './require-participant.ts'

/**
 * Removes somebody from a group, or leaves it. The row stays, with the version of the end: up to there the person may
 * still catch up. Throws `not_found`, `forbidden`, or `last_owner` while others would be left without one.
 */
export const removeParticipant = (
  ctx: MessagesContext,
  actor: Actor,
  { conversationId, userId }: { conversationId: string; userId: string },
): Promise<void> =>
  changeConversation(ctx, { actor, conversationId }, async (change) => {
    const { tx, conversation, log } = change
    const { role } = await requireParticipant(change, userId)
    requireRemovable(change, { isSelf: userId === actor.userId, role })
    const isAlone = conversation.participantCount === 1
    if (role === 'owner' && !isAlone) await requireAnotherOwner(change, userId)
    const version = log.tell('participant.removed', { userId })
    await tx.query(
      'UPDATE participants SET left_version = $3, draft = NULL WHERE conversation_id = $1 AND user_id = $2',
      [conversationId, userId, version],
    )
    await tx.query('UPDATE conversations SET participant_count = participant_count - 1 WHERE id = $1', [
      conversationId,
    ])
  })

/** Owners may remove everyone, admins members, everyone themselves. */
function requireRemovable(change: Change, { isSelf, role }: { isSelf: boolean; role: Change['role'] }): void {
  if (change.conversation.kind !== 'group') {
    throw new AppError('forbidden', { detail: 'Nobody leaves a direct conversation; archive it' })
  }
  const mayRemove = isSelf || change.role === 'owner' || (change.role === 'admin' && role === 'member')
  if (!mayRemove) throw new AppError('forbidden', { detail: 'Only those above may do this' })
}
