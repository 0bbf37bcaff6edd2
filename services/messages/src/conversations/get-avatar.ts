import type { messagesApi, RouteQuery } from '@finnigram/contracts'
import { type Actor, AppError, type FileBody } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { findRole } from '../participants/find-role.ts'
import { loadAvatar } from './load-avatar.ts'

/** The picture of a group of the caller's. Throws `not_found`. */
export async function getAvatar(
  ctx: MessagesContext,
  actor: Actor,
  {
    conversationId,
    ...query
  }: { conversationId: string } & RouteQuery<typeof messagesApi.getConversationAvatar>,
): Promise<FileBody> {
  const role = await findRole(ctx.pool, { conversationId, userId: actor.userId })
  if (role === undefined) throw new AppError('not_found')
  return loadAvatar(ctx, { conversationId, ...query })
}
