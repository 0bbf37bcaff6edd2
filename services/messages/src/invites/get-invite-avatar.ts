import type { Actor, FileBody } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { avatarFile } from '../conversations/avatar-file.ts'
import { findInvite } from './find-invite.ts'

/** The picture of the group an invite leads to. Throws `not_found` or `gone`. */
export async function getInviteAvatar(
  ctx: MessagesContext,
  actor: Actor,
  { code, size }: { code: string; size: number },
): Promise<FileBody> {
  const { conversationId } = await findInvite(ctx.pool, { code, userId: actor.userId })
  return avatarFile(ctx, { conversationId, size })
}
