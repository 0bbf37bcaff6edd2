import type { Actor } from '@finnigram/service-kit'
import { changeMessage } from '../changes/change-message.ts'
import type { MessagesContext } from '../context.ts'

/** Unpins a message for everyone; anybody who takes part may. Not pinned, nothing happens. Throws `not_found`. */
export const unpinMessage = (ctx: MessagesContext, actor: Actor, messageId: string): Promise<void> =>
  changeMessage(ctx, { actor, messageId }, async ({ tx, log }, { seq }) => {
    const { rowCount } = await tx.query('DELETE FROM pins WHERE message_id = $1', [messageId])
    if (rowCount === 1) log.emit('message.unpinned', { messageId, seq })
  })
