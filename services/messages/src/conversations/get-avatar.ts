import { type Actor, AppError, type FileBody } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { findRole } from '../participants/find-role.ts'
import { avatarFile } from './avatar-file.ts'

/** The picture of a group of the caller's. Throws `not_found`. */
export async function getAvatar(
  ctx: MessagesContext,
  actor: Actor,
  { conversationId, size }: { conversationId: string; size: number },
): Promise<FileBody> {
  const role = await findRole(ctx.pool, { conversationId, userId: actor.userId })
  if (role === undefined) throw new AppError('not_found')
  return avatarFile(ctx, { conversationId, size })
}
