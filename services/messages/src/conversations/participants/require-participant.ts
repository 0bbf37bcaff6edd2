import { AppError } from '@finnigram/service-kit'
import type { LockedConversation } from '../with-locked-conversation.ts'
import { type ParticipantRow, participantColumns } from './participant-row.ts'

/** Someone who takes part in the conversation that is being changed. Throws `not_found`. */
export async function requireParticipant(
  { tx, conversation, log }: LockedConversation,
  userId: string,
): Promise<ParticipantRow> {
  const { rows } = await tx.query<ParticipantRow>(
    `SELECT ${participantColumns('$3')} FROM participants p LEFT JOIN users_replica u ON u.id = p.user_id
WHERE p.conversation_id = $1 AND p.user_id = $2 AND p.left_version IS NULL`,
    [conversation.id, userId, log.actorId],
  )
  const [row] = rows
  if (!row) throw new AppError('not_found')
  return row
}
