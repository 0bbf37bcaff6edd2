import type { Me } from '@finnigram/contracts'
import type { Actor } from '@finnigram/service-kit'
import { requireSession } from '../auth/require-session.ts'
import type { UsersContext } from '../context.ts'
import { storeAvatar } from '../people/avatars.ts'
import { toMe } from '../people/to-me.ts'

/** Gives the caller a picture, cut square; the same picture again changes nothing. Throws `unsupported_media_type` for what is no picture that is safe to open, and `unavailable` when too many wait. */
export async function putAvatar(ctx: UsersContext, actor: Actor, bytes: Uint8Array): Promise<Me> {
  await requireSession(ctx.pool, actor)
  return toMe(await storeAvatar(ctx, actor, await ctx.pictures.cutAvatar(actor.userId, bytes)))
}
