import type { Conversation, NewConversation } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { findRole } from './participants/find-role.ts'
import { createDirect, findPair } from './create-direct.ts'
import { createGroup } from './create-group.ts'
import { getConversation } from './get-conversation.ts'

/**
 * Starts a conversation: 201, or 200 with the one that the same `id` made before, or that these two have already. Throws
 * `not_found` for one's own that one takes no part in any more, `conversation_id_taken` for somebody else's.
 */
export async function createConversation(
  ctx: MessagesContext,
  actor: Actor,
  wanted: NewConversation,
): Promise<{ status: 200 | 201; body: Conversation }> {
  const made = await findMade(ctx, actor, wanted)
  if (made !== undefined) return { status: 200, body: await getConversation(ctx, actor, made) }
  const id =
    wanted.kind === 'direct' ? await createDirect(ctx, actor, wanted) : await createGroup(ctx, actor, wanted)
  if (id !== undefined) return { status: 201, body: await getConversation(ctx, actor, id) }

  // Another try, or the other person, was faster.
  const winner = await findMade(ctx, actor, wanted)
  if (winner === undefined) throw new Error('A conversation was refused as made and is not there')
  return { status: 200, body: await getConversation(ctx, actor, winner) }
}

/**
 * Before any limit and any other question, so that a retry is answered whatever has changed since.
 */
async function findMade(
  ctx: MessagesContext,
  actor: Actor,
  wanted: NewConversation,
): Promise<string | undefined> {
  const { id } = wanted
  if (id !== undefined) {
    const found = await ctx.prisma.conversation.findUnique({ where: { id }, select: { createdBy: true } })
    if (found && found.createdBy !== actor.userId) throw new AppError('conversation_id_taken')
    if (found) {
      const role = await findRole(ctx.pool, { conversationId: id, userId: actor.userId })
      if (role === undefined) throw new AppError('not_found')
      return id
    }
  }
  return wanted.kind === 'direct' ? findPair(ctx, [actor.userId, wanted.userId]) : undefined
}
