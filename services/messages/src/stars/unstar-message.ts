import { type Actor, withTransaction } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { emitAccountEvent } from '../events/account-events.ts'
import { findVisible } from './find-visible.ts'

/** Takes a message out of the caller's stars, and tells their devices; not starred, nothing happens. Throws `not_found`. */
export async function unstarMessage(
  { pool, relay }: MessagesContext,
  actor: Actor,
  messageId: string,
): Promise<void> {
  const partitions = await withTransaction(pool, async (tx) => {
    const { conversationId } = await findVisible(tx, { messageId, userId: actor.userId })
    const { rowCount } = await tx.query('DELETE FROM stars WHERE user_id = $1 AND message_id = $2', [
      actor.userId,
      messageId,
    ])
    if (rowCount === 0) return []
    return emitAccountEvent(tx, actor.userId, {
      type: 'message.unstarred',
      data: { messageId, conversationId },
    })
  })
  if (partitions.length > 0) relay.wake(partitions)
}
