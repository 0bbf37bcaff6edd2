import type { messagesApi, RouteQuery } from '@finnigram/contracts'
import { type Actor, AppError, type FileBody } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { findInvited } from './invitations/list-invited.ts'
import { findRole } from './participants/find-role.ts'
import { loadAvatar } from './avatars.ts'

/** The picture of a group of the caller's, or of one that they are invited to. Throws `not_found`. */
export async function getAvatar(
  ctx: MessagesContext,
  actor: Actor,
  {
    conversationId,
    ...query
  }: { conversationId: string } & RouteQuery<typeof messagesApi.getConversationAvatar>,
): Promise<FileBody> {
  const place = { conversationId, userId: actor.userId }
  const isIn = (await findRole(ctx.pool, place)) !== undefined
  if (!isIn && !(await findInvited(ctx.pool, place))) throw new AppError('not_found')
  return loadAvatar(ctx, { conversationId, ...query })
}
