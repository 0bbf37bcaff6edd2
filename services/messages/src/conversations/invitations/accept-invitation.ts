import type { Conversation } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type { WithMetrics, WithPool, WithRelay } from '../../deps.ts'
import { withLockedConversation } from '../change-conversation.ts'
import { getConversation } from '../get-conversation.ts'
import { addMembers } from '../participants/add-member.ts'
import { findRole } from '../permissions.ts'
import { countInvitations } from './invite-people.ts'
import { findInvited } from './list-invitations.ts'
import { lockAccounts } from './partition-by-consent.ts'

/**
 * Accepts an invitation to a group; for a participant nothing changes. Accepting, declining and
 * withdrawing lock the row of the invitation, so that one of them wins. Throws `not_found`, or
 * `conflict` when the group is full.
 */
export async function acceptInvitation(
  ctx: WithPool & WithRelay & WithMetrics,
  actor: Actor,
  conversationId: string,
): Promise<Conversation> {
  const key = { conversationId, userId: actor.userId }
  if ((await findRole(ctx.pool, key)) === undefined) {
    // Strangers are refused before the lock.
    if (!(await findInvited(ctx.pool, key))) throw new AppError('not_found')
    await withLockedConversation(ctx, { actorId: actor.userId, conversationId }, async (locked) => {
      if ((await findRole(locked.tx, key)) !== undefined) return
      // Accounts are locked before invitations, as a block does that ends the invitation.
      await lockAccounts(locked.tx, [actor.userId])
      await locked.tx.query(
        'SELECT FROM group_invitations WHERE conversation_id = $1 AND user_id = $2 FOR UPDATE',
        [conversationId, actor.userId],
      )
      if (!(await findInvited(locked.tx, key))) throw new AppError('not_found')
      await addMembers(locked, [actor.userId], () => ({ type: 'participant.joined' }))
    })
    countInvitations(ctx.metrics, 'accepted')
  }
  return getConversation(ctx, actor, conversationId)
}
