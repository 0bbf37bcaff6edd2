import type { Conversation } from '@finnigram/contracts'
import type { Actor } from '@finnigram/service-kit'
import type { MessagesContext } from '../../context.ts'
import { getConversation } from '../get-conversation.ts'
import { withLockedConversation } from '../with-locked-conversation.ts'
import { letIn } from '../participants/add-member.ts'
import { findPeople } from '../../people/find-people.ts'
import { requireSelf } from '../../people/require-people.ts'
import { findInvite } from './find-invite.ts'

/**
 * Joins a group by an invite; who takes part already joins nothing, and uses nothing up. Everyone who joins holds the
 * group's lock, so an invite is never used more often than it may. Throws `not_found`, `gone`, `removed_from_group`, or `conflict` when the
 * group is full.
 */
export async function acceptInvite(ctx: MessagesContext, actor: Actor, code: string): Promise<Conversation> {
  const asked = { code, userId: actor.userId }
  const { conversationId, isInside } = await findInvite(ctx.pool, asked)
  if (!isInside) {
    requireSelf(await findPeople(ctx, [actor.userId]), actor.userId)
    await withLockedConversation(ctx, { actorId: actor.userId, conversationId }, async (locked) => {
      const invite = await findInvite(locked.tx, asked)
      if (invite.isInside) return
      await locked.tx.query('UPDATE invites SET uses = uses + 1 WHERE code = $1', [code])
      await letIn(locked, [actor.userId], () => ({ type: 'participant.joined' }))
    })
  }
  return getConversation(ctx, actor, conversationId)
}
