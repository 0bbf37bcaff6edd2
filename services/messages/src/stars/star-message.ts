import { type Actor, AppError, withTransaction } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import type { Snapshot } from '../conversations/load-conversations.ts'
import { emitAccountEvent } from '../events/account-events.ts'
import { findVisible } from './find-visible.ts'

/** Stars of one person: more than anyone looks through. */
const mostStars = 10_000

/** Keeps a message among the caller's stars, and tells their devices; starred already, nothing happens. Throws `not_found`, or `conflict` for a deleted message and for too many stars. */
export async function starMessage(
  { pool, relay }: MessagesContext,
  actor: Actor,
  messageId: string,
): Promise<void> {
  const partitions = await withTransaction(pool, async (tx) => {
    const { conversationId, isDeleted } = await findVisible(tx, { messageId, userId: actor.userId })
    if (isDeleted) throw new AppError('conflict', { detail: 'The message is deleted' })
    const { rowCount } = await tx.query(
      'INSERT INTO stars (user_id, message_id, conversation_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      [actor.userId, messageId, conversationId],
    )
    if (rowCount === 0) return []
    await requireRoom(tx, actor)
    return emitAccountEvent(tx, actor.userId, {
      type: 'message.starred',
      data: { messageId, conversationId },
    })
  })
  if (partitions.length > 0) relay.wake(partitions)
}

/** Two who star at the same moment may come a few above it. */
async function requireRoom(tx: Snapshot, { userId }: Actor): Promise<void> {
  const { rowCount } = await tx.query(`SELECT FROM stars WHERE user_id = $1 LIMIT ${mostStars + 1}`, [userId])
  if ((rowCount ?? 0) <= mostStars) return
  throw new AppError('conflict', { detail: `At most ${mostStars} messages can be starred` })
}
