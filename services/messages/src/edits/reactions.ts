import { maxReactionEmoji, type Reaction } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type { Change } from '../conversations/change-conversation.ts'
import { requireUnblocked } from '../conversations/permissions.ts'
import type { WithPool, WithRelay } from '../deps.ts'
import { changeMessage, type LockedMessage } from './change-message.ts'

/**
 * Adds a reaction of the caller. Idempotent. Throws `not_found`, `forbidden`, or `conflict` for a
 * deleted message and for too many different emoji.
 */
export const addReaction = (
  ctx: WithPool & WithRelay,
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

/** Emoji keep the order of their first use, users the order in which they reacted. */
function withReaction(
  reactions: Reaction[],
  { emoji, userId }: { emoji: string; userId: string },
): Reaction[] {
  const isKnown = reactions.some((one) => one.emoji === emoji)
  if (!isKnown) return [...reactions, { emoji, userIds: [userId] }]
  return reactions.map((one) => (one.emoji === emoji ? { emoji, userIds: [...one.userIds, userId] } : one))
}

/** Removes a reaction of the caller. Idempotent. Throws `not_found`. */
export const removeReaction = (
  ctx: WithPool & WithRelay,
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

/** Stores the reactions of a message, and emits the one that was added or removed. */
async function storeReactions(
  { tx, log }: Change,
  message: LockedMessage,
  {
    type,
    emoji,
    reactions,
  }: { type: 'reaction.added' | 'reaction.removed'; emoji: string; reactions: Reaction[] },
): Promise<void> {
  const version = log.emit(type, { messageId: message.id, seq: message.seq, emoji, userId: log.actorId })
  await tx.query('UPDATE messages SET reactions = $2::jsonb, version = $3 WHERE id = $1', [
    message.id,
    JSON.stringify(reactions),
    version,
  ])
}
