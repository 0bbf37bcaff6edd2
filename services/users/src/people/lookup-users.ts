import type { PublicUser } from '@finnigram/contracts'
import type { Actor } from '@finnigram/service-kit'
import { notBlocked } from '../blocks/not-blocked.ts'
import type { UsersContext } from '../context.ts'
import { toPublicUser } from './to-public-user.ts'
import { type UserRow, userColumns } from './user-row.ts'

/** People by id, in the order asked for, each once; unknown ids and those blocked either way are left out. */
export async function lookupUsers(
  { pool }: UsersContext,
  actor: Actor,
  ids: string[],
): Promise<{ items: PublicUser[] }> {
  const wanted = [...new Set(ids)]
  const { rows } = await pool.query<UserRow>(
    `SELECT ${userColumns} FROM users u WHERE u.id = ANY ($2::uuid[]) AND ${notBlocked('$1')}`,
    [actor.userId, wanted],
  )
  const byId = new Map(rows.map((user) => [user.id, user]))
  return {
    items: wanted.flatMap((id) => {
      const user = byId.get(id)
      return user ? toPublicUser(user) : []
    }),
  }
}
