import type { PublicUser } from '@finnigram/contracts'
import type { Actor } from '@finnigram/service-kit'
import { notBlocked } from '../blocks/not-blocked.ts'
import type { UsersContext } from '../context.ts'
import { showPeople } from './show-people.ts'
import { type UserRow, userColumns } from './user-row.ts'

/** People by id, in the order asked for, each once; unknown ids and those blocked either way are left out. */
export async function lookupUsers(
  ctx: UsersContext,
  actor: Actor,
  ids: string[],
): Promise<{ items: PublicUser[] }> {
  const wanted = [...new Set(ids)]
  const { rows } = await ctx.pool.query<UserRow>(
    `SELECT ${userColumns} FROM users u WHERE u.id = ANY ($2::uuid[]) AND ${notBlocked('$1')}`,
    [actor.userId, wanted],
  )
  const shown = await showPeople(ctx, actor.userId, rows)
  const byId = new Map(shown.map((user) => [user.id, user]))
  return { items: wanted.flatMap((id) => byId.get(id) ?? []) }
}
