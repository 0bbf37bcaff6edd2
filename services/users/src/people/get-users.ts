import type { PublicUser } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import { notBlocked } from '../blocks/not-blocked.ts'
import type { UsersContext } from '../context.ts'
import { showPeople } from './show-people.ts'
import { type UserRow, userColumns } from './user-row.ts'

/** A person by id. Throws `not_found`, also when one of the two blocked the other. */
export async function getUser(ctx: UsersContext, actor: Actor, userId: string): Promise<PublicUser> {
  const { rows } = await ctx.pool.query<UserRow>(
    `SELECT ${userColumns} FROM users u WHERE u.id = $2 AND ${notBlocked('$1')}`,
    [actor.userId, userId],
  )
  const [user] = await showPeople(ctx, actor.userId, rows)
  if (!user) throw new AppError('not_found')
  return user
}
