import type { PublicUser } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type { WithMetrics, WithPool, WithRelay } from '../../deps.ts'
import { insertSystemMessage } from '../../history/insert-system-message.ts'
import {
  type Change,
  changeConversation,
  type LockedConversation,
  updateRow,
} from '../change-conversation.ts'
import { declineInvitation, revokeInvitesBy } from '../invitations/end-invitations.ts'
import { requireAnotherOwner, requireParticipant } from '../permissions.ts'

/**
 * Removes a participant from a group, leaves it, or declines an invitation to it. Throws
 * `not_found`, `forbidden`, or `last_owner` when the others would have no owner.
 */
export async function removeParticipant(
  ctx: WithPool & WithRelay & WithMetrics,
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
    await removeMember(change, userId)
  })
}

/** Owners may remove everybody, admins only members, and everybody may leave. */
function requireRemovable(change: Change, { isSelf, role }: { isSelf: boolean; role: Change['role'] }): void {
  if (change.conversation.kind !== 'group') {
    throw new AppError('forbidden', { detail: 'Nobody leaves a direct conversation; archive it' })
  }
  const mayRemove = isSelf || change.role === 'owner' || (change.role === 'admin' && role === 'member')
  if (!mayRemove) throw new AppError('forbidden', { detail: 'Only those above may do this' })
}

/**
 * Removes a member from a group and revokes their invites. The row stays, with the version at which
 * they left. The system message follows for those who stay, if any. `user` replaces the profile
 * when the account has ended.
 */
export async function removeMember(
  locked: LockedConversation,
  userId: string,
  { user }: { user?: PublicUser | undefined } = {},
): Promise<void> {
  const { tx, conversation, log } = locked
  const isLeaving = userId === log.actorId
  const leftVersion = log.emit('participant.removed', user ? { userId, user } : { userId })
  await tx.query(
    'UPDATE participants SET left_version = $3, was_removed = $4, draft = NULL WHERE conversation_id = $1 AND user_id = $2',
    [conversation.id, userId, leftVersion, !isLeaving],
  )
  await revokeInvitesBy(locked, userId)
  await updateRow(locked, { participantCount: conversation.participantCount - 1 })
  if (conversation.participantCount === 0) return
  await insertSystemMessage(
    locked,
    isLeaving ? { type: 'participant.left' } : { type: 'participant.removed', userId },
  )
}
