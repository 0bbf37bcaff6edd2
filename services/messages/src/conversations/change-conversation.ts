import type { Role } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { findRole } from './participants/find-role.ts'
import { type LockedConversation, withLockedConversation } from './with-locked-conversation.ts'

/** A conversation whose row is locked, and the caller, who takes part in it. */
export interface Change extends LockedConversation {
  role: Role
}

/**
 * Changes a conversation: locks it, checks that the caller takes part, does the work, and writes what it told in the same
 * transaction. Throws `not_found` for strangers and former participants.
 */
export const changeConversation = <T>(
  ctx: Pick<MessagesContext, 'pool' | 'relay'>,
  { actor, conversationId }: { actor: Actor; conversationId: string },
  work: (change: Change) => Promise<T>,
): Promise<T> =>
  withLockedConversation(ctx, { actorId: actor.userId, conversationId }, async (locked) => {
    const role = await findRole(locked.tx, { conversationId, userId: actor.userId })
    if (role === undefined) throw new AppError('not_found')
    return work({ ...locked, role })
  })
