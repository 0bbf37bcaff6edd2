import type { Me } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type { UsersContext } from '../context.ts'
import { toMe } from './to-me.ts'

/** The caller's own profile. Throws `unauthenticated` when the session is over and only its access token is left. */
export async function getMe({ prisma }: UsersContext, actor: Actor): Promise<Me> {
  const user = await prisma.user.findFirst({
    where: { id: actor.userId, sessions: { some: { id: actor.sessionId } } },
  })
  if (!user) throw new AppError('unauthenticated')
  return toMe(user)
}
