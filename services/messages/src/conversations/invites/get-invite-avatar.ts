import type { messagesApi, RouteQuery } from '@finnigram/contracts'
import type { Actor, FileBody } from '@finnigram/service-kit'
import type { MessagesContext } from '../../context.ts'
import { loadAvatar } from '../avatars.ts'
import { findInvite } from './find-invite.ts'

/** The picture of the group an invite leads to. Throws `not_found` or `gone`. */
export async function getInviteAvatar(
  ctx: MessagesContext,
  actor: Actor,
  { code, ...query }: { code: string } & RouteQuery<typeof messagesApi.getInviteAvatar>,
): Promise<FileBody> {
  const { conversationId } = await findInvite(ctx.pool, { code, userId: actor.userId })
  return loadAvatar(ctx, { conversationId, ...query })
}
