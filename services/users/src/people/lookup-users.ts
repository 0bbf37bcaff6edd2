import type { PublicUser } from '@finnigram/contracts'
import type { UsersContext } from '../context.ts'
import { toPublicUser } from './to-public-user.ts'

/** People by id, in the order asked for, each once; unknown ids are left out. */
export async function lookupUsers({ prisma }: UsersContext, ids: string[]): Promise<{ items: PublicUser[] }> {
  const wanted = [...new Set(ids)]
  const users = await prisma.user.findMany({ where: { id: { in: wanted } } })
  const byId = new Map(users.map((user) => [user.id, user]))
  return {
    items: wanted.flatMap((id) => {
      const user = byId.get(id)
      return user ? toPublicUser(user) : []
    }),
  }
}
