import type { Reaction } from '@finnigram/contracts'
import type { Change } from '../conversations/change-conversation.ts'
import type { LockedMessage } from './require-message.ts'

/** Stores a message's reactions after the actor added or removed one, and tells it. */
export async function storeReactions(
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
