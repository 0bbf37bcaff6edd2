import { Instant, type RouteQuery, type RouteReply, UserId, type usersApi } from '@finnigram/contracts'
import { type Actor, fromCursor, toCursor } from '@finnigram/service-kit'
import { z } from 'zod'
import { requireSession } from '../auth/require-session.ts'
import type { UsersContext } from '../context.ts'
import { type UserRow, userColumns } from '../people/user-row.ts'
import { toPublicUser } from '../people/user-views.ts'

type Page = typeof usersApi.listBlocks

const Place = z.tuple([Instant, UserId])
const newest = ['infinity', '00000000-0000-0000-0000-000000000000']

/**
 * Whom the caller blocked, the last one first; neither when they were last seen nor what they write
 * about themselves is said.
 */
export async function listBlocks(
  { pool }: Pick<UsersContext, 'pool'>,
  actor: Actor,
  { limit, cursor }: RouteQuery<Page>,
): Promise<RouteReply<Page>> {
  await requireSession(pool, actor)
  const [at, id] = cursor === undefined ? newest : fromCursor(Place, cursor, 'query.cursor')
  const { rows } = await pool.query<UserRow & { blockedAt: Date }>(
    `SELECT ${userColumns}, b.at AS "blockedAt" FROM blocks b JOIN users u ON u.id = b.blocked_id
WHERE b.user_id = $1 AND b.in_force AND (b.at, b.blocked_id) < ($2, $3)
ORDER BY b.at DESC, b.blocked_id DESC LIMIT $4`,
    [actor.userId, at, id, limit + 1],
  )
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    items: page.map((row) => ({ ...toPublicUser(row), bio: '' })),
    nextCursor: last && rows.length > limit ? toCursor([last.blockedAt.toISOString(), last.id]) : null,
  }
}
