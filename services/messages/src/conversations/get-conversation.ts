import type { Conversation } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { withSnapshot } from '../with-snapshot.ts'
import { loadConversations } from './load-conversations.ts'

/** A conversation of the caller's. Throws `not_found`. */
export async function getConversation(
  { pool }: Pick<MessagesContext, 'pool'>,
  actor: Actor,
  conversationId: string,
): Promise<Conversation> {
  const [conversation] = await withSnapshot(
    pool,
    (tx) => loadConversations(tx, actor.userId, [conversationId]),
    { keepsPlans: true },
  )
  if (!conversation) throw new AppError('not_found')
  return conversation
}
