import type { RouteBody, RouteReply, usersApi } from '@finnigram/contracts'
import { notBlocked } from '../blocks/not-blocked.ts'
import type { UsersContext } from '../context.ts'
import { showsLastSeen } from './shows-last-seen.ts'

type Lookup = typeof usersApi.lookupPresence

/** Whose presence a person may see, and when those were last seen. Left out: those who blocked the person or are blocked by them, deleted and unknown ones. */
export async function lookupPresence(
  { pool }: UsersContext,
  { userId, of }: RouteBody<Lookup>,
): Promise<RouteReply<Lookup>> {
  const { rows } = await pool.query<{ id: string; lastSeenAt: Date; preferences: unknown }>(
    `SELECT u.id, u.last_seen_at AS "lastSeenAt", u.preferences FROM users u
WHERE u.id = ANY ($2::uuid[]) AND u.deleted_at IS NULL AND ${notBlocked('$1')}`,
    [userId, of],
  )
  return {
    items: rows.map(({ id, lastSeenAt, preferences }) => {
      const isShown = id === userId || showsLastSeen(preferences)
      return { userId: id, lastSeenAt: isShown ? lastSeenAt.toISOString() : null, hidesLastSeen: !isShown }
    }),
  }
}
