import { type Actor, AppError } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { type Change, changeConversation } from '../conversations/change-conversation.ts'
import { type ReadableMessage, requireMessage } from './require-message.ts'

/** Changes a message, or what hangs on it, under the lock of its conversation. Throws `not_found` for who cannot see it. */
export async function changeMessage<T>(
  ctx: MessagesContext,
  { actor, messageId }: { actor: Actor; messageId: string },
  work: (change: Change, message: ReadableMessage) => Promise<T>,
): Promise<T> {
  // A message never leaves its conversation, so this may be read before the lock is taken.
  const { rows } = await ctx.pool.query<{ id: string }>(
    'SELECT conversation_id AS id FROM messages WHERE id = $1',
    [messageId],
  )
  const [conversation] = rows
  if (!conversation) throw new AppError('not_found')
  return changeConversation(ctx, { actor, conversationId: conversation.id }, async (change) =>
    work(change, await requireMessage(change, messageId)),
  )
}
