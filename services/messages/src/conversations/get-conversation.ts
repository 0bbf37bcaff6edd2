import type { Conversation } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type { WithPool } from '../deps.ts'
import { withSnapshot } from '../with-snapshot.ts'
import { findInvited } from './invitations/list-invitations.ts'
import { loadConversations } from './load-conversations.ts'

/**
 * A conversation of the caller, or what they may see of a group that they are invited to. Throws
 * `not_found`.
 */
export async function getConversation(
  { pool }: WithPool,
  actor: Actor,
  conversationId: string,
): Promise<Conversation> {
  const [conversation] = await withSnapshot(
    pool,
    (tx) => loadConversations(tx, actor.userId, [conversationId]),
    { keepsPlans: true },
  )
  const found = conversation ?? (await findInvited(pool, { conversationId, userId: actor.userId }))
  if (!found) throw new AppError('not_found')
  return found
}
