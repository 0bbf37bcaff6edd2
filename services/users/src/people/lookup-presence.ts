import type { RouteBody, RouteReply, usersApi } from '@finnigram/contracts'
import { notBlocked } from '../blocks/not-blocked.ts'
import type { UsersContext } from '../context.ts'
import { findShowing } from './last-seen-visibility.ts'

type Lookup = typeof usersApi.lookupPresence

/** Whose presence a person may see, and when those were last seen. Left out: those who blocked the person or are blocked by them, deleted and unknown ones. */
export async function lookupPresence(
  ctx: UsersContext,
  { userId, of }: RouteBody<Lookup>,
): Promise<RouteReply<Lookup>> {
  const { rows } = await ctx.pool.query<{ id: string; lastSeenAt: Date; preferences: unknown }>(
    `SELECT u.id, u.last_seen_at AS "lastSeenAt", u.preferences FROM users u
WHERE u.id = ANY ($2::uuid[]) AND u.deleted_at IS NULL AND ${notBlocked('$1')}`,
    [userId, of],
  )
  const showing = await findShowing(ctx, userId, rows)
  return {
    items: rows.map(({ id, lastSeenAt }) => {
      const isShown = id === userId || showing.has(id)
      return { userId: id, lastSeenAt: isShown ? lastSeenAt.toISOString() : null, hidesLastSeen: !isShown }
    }),
  }
}
