import { type Actor, AppError } from '@finnigram/service-kit'
import type { MessagesContext } from '../../context.ts'
import { changeConversation } from '../change-conversation.ts'
import { requireManagedGroup } from '../permissions.ts'

/** Ends one invite of a group, or all of them: nobody joins by them any more. Again changes nothing. Throws `not_found` or `forbidden`. */
export const revokeInvites = (
  ctx: MessagesContext,
  actor: Actor,
  { conversationId, code }: { conversationId: string; code?: string },
): Promise<void> =>
  changeConversation(ctx, { actor, conversationId }, async (change) => {
    requireManagedGroup(change)
    const { rowCount } = await change.tx.query(
      `UPDATE invites SET revoked_at = coalesce(revoked_at, now())
WHERE conversation_id = $1 AND ($2::text IS NULL OR code = $2)`,
      [conversationId, code ?? null],
    )
    if (code !== undefined && rowCount === 0) throw new AppError('not_found')
  })
