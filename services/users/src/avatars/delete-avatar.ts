import type { Actor } from '@finnigram/service-kit'
import type { UsersContext } from '../context.ts'
import { storeAvatar } from '../people/avatars.ts'

/** Takes the caller's picture away; without one nothing happens. */
export async function deleteAvatar(ctx: UsersContext, actor: Actor): Promise<void> {
  await storeAvatar(ctx, actor, undefined)
}
