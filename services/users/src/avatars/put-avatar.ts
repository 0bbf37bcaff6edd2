import type { Me } from '@finnigram/contracts'
import { type Avatar, toAvatar, UnreadableImage } from '@finnigram/images'
import { type Actor, AppError } from '@finnigram/service-kit'
import { requireSession } from '../auth/require-session.ts'
import type { UsersContext } from '../context.ts'
import { toMe } from '../people/to-me.ts'
import { storeAvatar } from './store-avatar.ts'

/** Pictures that may wait to be opened, each of up to 5 MiB; who comes then comes back. */
const mostWaiting = 32
let waiting = 0

/** Gives the caller a picture, cut square; the same picture again changes nothing. Throws `unsupported_media_type` for what is no picture that is safe to open, and `unavailable` when too many wait. */
export async function putAvatar(ctx: UsersContext, actor: Actor, bytes: Uint8Array): Promise<Me> {
  await requireSession(ctx.pool, actor)
  return toMe(await storeAvatar(ctx, actor, await cut(bytes)))
}

/** Few are open at once (see the images package), so that signing in goes on beside them. */
async function cut(bytes: Uint8Array): Promise<Avatar> {
  if (waiting >= mostWaiting) throw new AppError('unavailable', { retryAfter: 5 })
  waiting += 1
  try {
    return await toAvatar(bytes)
  } catch (cause) {
    if (!(cause instanceof UnreadableImage)) throw cause
    throw new AppError('unsupported_media_type', { detail: cause.message, cause })
  } finally {
    waiting -= 1
  }
}
