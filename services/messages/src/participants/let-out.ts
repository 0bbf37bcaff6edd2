import type { LockedConversation } from '../conversations/with-locked-conversation.ts'
import { tellNotice } from '../history/tell-notice.ts'

/**
 * Ends somebody's part in a group. The row stays, with the version of the end. The notice comes after it, for those who
 * stay; who leaves an empty group tells nobody.
 */
export async function letOut(locked: LockedConversation, userId: string): Promise<void> {
  const { tx, conversation, log } = locked
  const leftVersion = log.tell('participant.removed', { userId })
  await tx.query(
    'UPDATE participants SET left_version = $3, draft = NULL WHERE conversation_id = $1 AND user_id = $2',
    [conversation.id, userId, leftVersion],
  )
  conversation.participantCount -= 1
  await tx.query('UPDATE conversations SET participant_count = $2 WHERE id = $1', [
    conversation.id,
    conversation.participantCount,
  ])
  if (conversation.participantCount === 0) return
  const isLeaving = userId === log.actorId
  await tellNotice(locked, isLeaving ? { type: 'participant.left' } : { type: 'participant.removed', userId })
}
