import type { Me, PublicUser } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type { WithPool, WithPrisma } from '../deps.ts'
import { notBlocked } from './blocks.ts'
import type { WithContacts } from './contacts.ts'
import { toVisibleUsers } from './last-seen-visibility.ts'
import { type UserRow, userColumns } from './user-row.ts'
import { toMe } from './user-views.ts'

/** A user by id. Throws `not_found`, also if one of the two blocked the other. */
export async function getUser(
  ctx: WithPool & WithContacts,
  actor: Actor,
  userId: string,
): Promise<PublicUser> {
  const { rows } = await ctx.pool.query<UserRow>(
    `SELECT ${userColumns} FROM users u WHERE u.id = $2 AND ${notBlocked('$1')}`,
    [actor.userId, userId],
  )
  const [user] = await toVisibleUsers(ctx, actor.userId, rows)
  if (!user) throw new AppError('not_found')
  return user
}

/** The caller's own profile. Throws `unauthenticated` if the session has ended. */
export async function getMe({ prisma }: WithPrisma, actor: Actor): Promise<Me> {
  const user = await prisma.user.findFirst({
    where: { id: actor.userId, sessions: { some: { id: actor.sessionId } } },
  })
  if (!user) throw new AppError('unauthenticated')
  return toMe(user)
}

/**
 * Users by id, in the order asked for, each once. Leaves out unknown ones and those blocked either
 * way.
 */
export async function lookupUsers(
  ctx: WithPool & WithContacts,
  actor: Actor,
  ids: string[],
): Promise<{ items: PublicUser[] }> {
  const wanted = [...new Set(ids)]
  const { rows } = await ctx.pool.query<UserRow>(
    `SELECT ${userColumns} FROM users u WHERE u.id = ANY ($2::uuid[]) AND ${notBlocked('$1')}`,
    [actor.userId, wanted],
  )
  const shown = await toVisibleUsers(ctx, actor.userId, rows)
  const byId = new Map(shown.map((user) => [user.id, user]))
  return { items: wanted.flatMap((id) => byId.get(id) ?? []) }
}
