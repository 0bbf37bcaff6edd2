import { AppError } from '@finnigram/service-kit'
import { type Avatar, toAvatar } from './to-avatar.ts'
import { UnreadableImage } from './unreadable-image.ts'

/** Pictures that may wait to be opened, each of some megabytes; who comes then comes back. */
const mostWaiting = 32
let waiting = 0

/** Cuts a picture that somebody sent. Few are open at once, so that everything else goes on beside them. Throws `unsupported_media_type` for what is no picture that is safe to open, and `unavailable` when too many wait. */
export async function cutAvatar(bytes: Uint8Array): Promise<Avatar> {
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
