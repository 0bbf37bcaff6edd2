import type { PublicUser } from '@finnigram/contracts'
import { type LockedConversation, updateRow } from '../conversations/with-locked-conversation.ts'
import { insertSystemMessage } from '../history/insert-system-message.ts'
import { endInvitesOf } from '../invitations/end-invitations.ts'

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
  const leftVersion = log.emit('participant.removed', user ? { userId, user } : { userId })
  await tx.query(
    'UPDATE participants SET left_version = $3, was_removed = $4, draft = NULL WHERE conversation_id = $1 AND user_id = $2',
    [conversation.id, userId, leftVersion, !isLeaving],
  )
  await endInvitesOf(locked, userId)
  await updateRow(locked, { participantCount: conversation.participantCount - 1 })
  if (conversation.participantCount === 0) return
  await insertSystemMessage(
    locked,
    isLeaving ? { type: 'participant.left' } : { type: 'participant.removed', userId },
  )
}
