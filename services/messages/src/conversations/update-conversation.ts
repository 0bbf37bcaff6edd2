import type { Conversation, messagesApi, RouteBody } from '@finnigram/contracts'
import type { Actor } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { insertSystemMessage } from '../history/insert-system-message.ts'
import { consumeText } from '../text/consume-text.ts'
import { changeConversation } from './change-conversation.ts'
import type { ConversationRow } from './conversation-row.ts'
import { getConversation } from './get-conversation.ts'
import { requireManagedGroup } from './require-managed-group.ts'
import { updateRow } from './with-locked-conversation.ts'

type Update = RouteBody<typeof messagesApi.updateConversation>

/** Renames or describes a group, or shares its history with who comes; what stays as it is makes no event. Throws `not_found` or `forbidden`. */
export async function updateConversation(
  ctx: MessagesContext,
  actor: Actor,
  { conversationId, ...update }: Update & { conversationId: string },
): Promise<Conversation> {
  const texts = [update.title, update.description].filter((text) => text !== undefined)
  if (texts.length > 0) await consumeText(ctx, actor.userId, { texts })
  await changeConversation(ctx, { actor, conversationId }, async (change) => {
    requireManagedGroup(change)
    const { conversation, log } = change
    const changed = changedParts(conversation, update)
    if (Object.keys(changed).length === 0) return
    await updateRow(change, changed)
    log.emit('conversation.updated', changed)
    if (changed.title !== undefined)
      await insertSystemMessage(change, { type: 'conversation.renamed', title: changed.title })
  })
  return getConversation(ctx, actor, conversationId)
}

const changedParts = (present: ConversationRow, { title, description, sharesHistory }: Update): Update => ({
  ...(title === undefined || title === present.title ? {} : { title }),
  ...(description === undefined || description === present.description ? {} : { description }),
  ...(sharesHistory === undefined || sharesHistory === present.sharesHistory ? {} : { sharesHistory }),
})
