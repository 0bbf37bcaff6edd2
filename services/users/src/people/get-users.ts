import type { Me, PublicUser } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type { UsersContext } from '../context.ts'
import { notBlocked } from './blocks.ts'
import { showPeople } from './last-seen-visibility.ts'
import { type UserRow, userColumns } from './user-row.ts'
import { toMe } from './user-views.ts'

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

/** The caller's own profile. Throws `unauthenticated` when the session is over and only its access token is left. */
export async function getMe({ prisma }: UsersContext, actor: Actor): Promise<Me> {
  const user = await prisma.user.findFirst({
    where: { id: actor.userId, sessions: { some: { id: actor.sessionId } } },
  })
  if (!user) throw new AppError('unauthenticated')
  return toMe(user)
}

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
