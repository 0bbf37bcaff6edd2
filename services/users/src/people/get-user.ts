import type { PublicUser } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'
import type { UsersContext } from '../context.ts'
import { toPublicUser } from './to-public-user.ts'

/** A person by id. Throws `not_found`. */
export async function getUser({ prisma }: UsersContext, userId: string): Promise<PublicUser> {
  const user = await prisma.user.findUnique({ where: { id: userId } })
  if (!user) throw new AppError('not_found')
  return toPublicUser(user)
}
