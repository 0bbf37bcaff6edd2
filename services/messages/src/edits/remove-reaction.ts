import type { Actor } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { changeMessage } from './change-message.ts'
import { storeReactions } from './store-reactions.ts'

/** Takes a reaction of the caller's back; one that is not there makes no event. Throws `not_found`. */
export const removeReaction = (
  ctx: MessagesContext,
  actor: Actor,
  { messageId, emoji }: { messageId: string; emoji: string },
): Promise<void> =>
  changeMessage(ctx, { actor, messageId }, async (change, message) => {
    const present = message.reactions.find((reaction) => reaction.emoji === emoji)
    if (!present?.userIds.includes(actor.userId)) return
    const userIds = present.userIds.filter((id) => id !== actor.userId)
    const reactions = message.reactions
      .map((one) => (one === present ? { emoji, userIds } : one))
      .filter((one) => one.userIds.length > 0)
    await storeReactions(change, message, { type: 'reaction.removed', emoji, reactions })
  })
