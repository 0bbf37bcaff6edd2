import { type Actor, AppError } from '@finnigram/service-kit'
import { changeMessage } from '../changes/change-message.ts'
import { requireUnblocked } from '../changes/require-unblocked.ts'
import type { MessagesContext } from '../context.ts'
import type { Change } from '../conversations/change-conversation.ts'
import { insertSystemMessage } from '../history/insert-system-message.ts'

/** Pins of one conversation. */
const mostPins = 100

/** Pins a message for everyone, and says so; pinned already, nothing happens. Throws `not_found`, `forbidden`, or `conflict` for deleted and system messages and for too many pins. */
export const pinMessage = (ctx: MessagesContext, actor: Actor, messageId: string): Promise<void> =>
  changeMessage(ctx, { actor, messageId }, async (change, { kind, deletedAt, seq }) => {
    if (kind === 'system') throw new AppError('conflict', { detail: 'A system message cannot be pinned' })
    if (deletedAt) throw new AppError('conflict', { detail: 'The message is deleted' })
    await requireUnblocked(change)
    const isNew = await insertPin(change, messageId)
    if (!isNew) return
    await requireRoom(change)
    change.log.emit('message.pinned', { messageId, seq })
    await insertSystemMessage(change, { type: 'message.pinned', messageId, seq })
  })

async function insertPin({ tx, conversation, log }: Change, messageId: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `INSERT INTO pins (conversation_id, message_id, pinned_by, pinned_at) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING`,
    [conversation.id, messageId, log.actorId, log.at],
  )
  return rowCount === 1
}

async function requireRoom({ tx, conversation }: Change): Promise<void> {
  const { rows } = await tx.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM pins WHERE conversation_id = $1',
    [conversation.id],
  )
  if ((rows[0]?.count ?? 0) > mostPins) {
    throw new AppError('conflict', { detail: `A conversation has at most ${mostPins} pinned messages` })
  }
}
