import { AppError } from '@finnigram/service-kit'
import type { Change } from '../change-conversation.ts'

/** Checks that a group keeps an owner without this one. Throws `last_owner`; the conversation's lock keeps two from going at once. */
export async function requireAnotherOwner({ tx, conversation }: Change, ownerId: string): Promise<void> {
  const { rows } = await tx.query(
    `SELECT 1 FROM participants
WHERE conversation_id = $1 AND user_id <> $2 AND role = 'owner' AND left_version IS NULL LIMIT 1`,
    [conversation.id, ownerId],
  )
  if (rows.length === 0) throw new AppError('last_owner', { detail: 'Name another owner first' })
}
