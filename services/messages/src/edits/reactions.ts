import { maxReactionEmoji, type Reaction } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { changeMessage } from './change-message.ts'
import { requireUnblocked } from './require-unblocked.ts'
import { storeReactions } from './store-reactions.ts'

/** Adds a reaction of the caller's; one that is there already makes no event. Throws `not_found`, `forbidden`, or `conflict` for a deleted message and for too many different emoji. */
export const addReaction = (
  ctx: MessagesContext,
  actor: Actor,
  { messageId, emoji }: { messageId: string; emoji: string },
): Promise<void> =>
  changeMessage(ctx, { actor, messageId }, async (change, message) => {
    if (message.deletedAt) throw new AppError('conflict', { detail: 'The message is deleted' })
    const present = message.reactions.find((reaction) => reaction.emoji === emoji)
    if (present?.userIds.includes(actor.userId)) return
    await requireUnblocked(change)
    const reactions = withReaction(message.reactions, { emoji, userId: actor.userId })
    if (reactions.length > maxReactionEmoji) {
      throw new AppError('conflict', {
        detail: `A message has at most ${maxReactionEmoji} different reactions`,
      })
    }
    await storeReactions(change, message, { type: 'reaction.added', emoji, reactions })
  })

/** Emoji stay in the order of their first use, people in the order they came. */
function withReaction(
  reactions: Reaction[],
  { emoji, userId }: { emoji: string; userId: string },
): Reaction[] {
  const isKnown = reactions.some((one) => one.emoji === emoji)
  if (!isKnown) return [...reactions, { emoji, userIds: [userId] }]
  return reactions.map((one) => (one.emoji === emoji ? { emoji, userIds: [...one.userIds, userId] } : one))
}
