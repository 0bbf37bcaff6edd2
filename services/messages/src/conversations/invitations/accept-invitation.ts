import type { Conversation } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type { MessagesContext } from '../../context.ts'
import { withLockedConversation } from '../change-conversation.ts'
import { getConversation } from '../get-conversation.ts'
import { letIn } from '../participants/add-member.ts'
import { findRole } from '../permissions.ts'
import { countInvitations } from './invite-people.ts'
import { findInvited } from './list-invitations.ts'
import { holdAccounts } from './sort-by-consent.ts'

/**
 * Joins a group that the caller is invited to; who takes part already joins nothing. Withdrawing, declining and
 * accepting hold the invitation's row, so one of them has its way. Throws `not_found`, or `conflict` when the group is
 * full.
 */
export async function acceptInvitation(
  ctx: MessagesContext,
  actor: Actor,
  conversationId: string,
): Promise<Conversation> {
  const place = { conversationId, userId: actor.userId }
  if ((await findRole(ctx.pool, place)) === undefined) {
    // Strangers do not get as far as the lock.
    if (!(await findInvited(ctx.pool, place))) throw new AppError('not_found')
    await withLockedConversation(ctx, { actorId: actor.userId, conversationId }, async (locked) => {
      if ((await findRole(locked.tx, place)) !== undefined) return
      // In the order of a block that ends the invitation: accounts before invitations.
      await holdAccounts(locked.tx, [actor.userId])
      await locked.tx.query(
        'SELECT FROM group_invitations WHERE conversation_id = $1 AND user_id = $2 FOR UPDATE',
        [conversationId, actor.userId],
      )
      if (!(await findInvited(locked.tx, place))) throw new AppError('not_found')
      await letIn(locked, [actor.userId], () => ({ type: 'participant.joined' }))
    })
    countInvitations(ctx.metrics, 'accepted')
  }
  return getConversation(ctx, actor, conversationId)
}
