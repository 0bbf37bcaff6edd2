import type { PublicUser } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type { MessagesContext } from '../../context.ts'
import { tellNotice } from '../../history/insert-system-message.ts'
import type { LockedConversation } from '../change-conversation.ts'
import { type Change, changeConversation, updateRow } from '../change-conversation.ts'
import { declineInvitation, endInvitesOf } from '../invitations/end-invitations.ts'
import { requireAnotherOwner, requireParticipant } from '../permissions.ts'

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

/**
 * Ends somebody's part in a group, and the invites they made. The row stays, with the version of the end. The notice comes after it, for those who
 * stay; who leaves an empty group tells nobody. `user` is what is left of an account that ended.
 */
export async function letOut(
  locked: LockedConversation,
  userId: string,
  { user }: { user?: PublicUser | undefined } = {},
): Promise<void> {
  const { tx, conversation, log } = locked
  const isLeaving = userId === log.actorId
  const leftVersion = log.tell('participant.removed', user ? { userId, user } : { userId })
  await tx.query(
    'UPDATE participants SET left_version = $3, was_removed = $4, draft = NULL WHERE conversation_id = $1 AND user_id = $2',
    [conversation.id, userId, leftVersion, !isLeaving],
  )
  await endInvitesOf(locked, userId)
  await updateRow(locked, { participantCount: conversation.participantCount - 1 })
  if (conversation.participantCount === 0) return
  await tellNotice(locked, isLeaving ? { type: 'participant.left' } : { type: 'participant.removed', userId })
}
