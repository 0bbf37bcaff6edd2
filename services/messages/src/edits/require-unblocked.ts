import { AppError } from '@finnigram/service-kit'
import type { Change } from '../conversations/change-conversation.ts'

/** Lets nothing new reach a direct conversation in which one blocked the other. Throws `forbidden`. */
export async function requireUnblocked({ tx, conversation }: Change): Promise<void> {
  if (conversation.kind !== 'direct') return
  const { rows } = await tx.query<{ isBlocked: boolean }>(
    'SELECT is_blocked(pair_key) AS "isBlocked" FROM conversations WHERE id = $1',
    [conversation.id],
  )
  if (rows[0]?.isBlocked) throw new AppError('forbidden', { detail: 'Nothing can be sent to this person' })
}
