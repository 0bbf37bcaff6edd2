import type { PublicUser, RouteBody, RouteReply, usersApi } from '@finnigram/contracts'
import type { WithPool } from '../deps.ts'
import { notBlocked } from './blocks.ts'
import type { WithContacts } from './contacts.ts'
import { toPreferences } from './preferences.ts'
import type { UserRow } from './user-row.ts'
import { toPublicUser } from './user-views.ts'

interface WithLastSeenChoice {
  id: string
  preferences: unknown
}

/** Of these users, those who show `viewerId` when they were last seen. */
async function findShowingLastSeen(
  { contacts }: WithContacts,
  viewerId: string,
  people: readonly WithLastSeenChoice[],
): Promise<ReadonlySet<string>> {
  const choosing = (choice: string) =>
    people.filter(({ preferences }) => toPreferences(preferences).lastSeen === choice).map(({ id }) => id)
  const forContacts = await contacts.contactOf(viewerId, choosing('contacts'))
  return new Set([...choosing('everyone'), ...forContacts])
}

/** Users as the viewer may see them, in the same order. */
export async function toVisibleUsers(
  ctx: WithContacts,
  viewerId: string,
  rows: readonly UserRow[],
): Promise<PublicUser[]> {
  const showing = await findShowingLastSeen(ctx, viewerId, rows)
  return rows.map((row) => toPublicUser(row, showing.has(row.id)))
}

type Lookup = typeof usersApi.lookupPresence

/**
 * Whose presence a user may see, and when these were last seen. Leaves out deleted and unknown
 * users, and those blocked either way.
 */
export async function lookupPresence(
  ctx: WithPool & WithContacts,
  { userId, of }: RouteBody<Lookup>,
): Promise<RouteReply<Lookup>> {
  const { rows } = await ctx.pool.query<{ id: string; lastSeenAt: Date; preferences: unknown }>(
    `SELECT u.id, u.last_seen_at AS "lastSeenAt", u.preferences FROM users u
WHERE u.id = ANY ($2::uuid[]) AND u.deleted_at IS NULL AND ${notBlocked('$1')}`,
    [userId, of],
  )
  const showing = await findShowingLastSeen(ctx, userId, rows)
  return {
    items: rows.map(({ id, lastSeenAt }) => {
      const isShown = id === userId || showing.has(id)
      return { userId: id, lastSeenAt: isShown ? lastSeenAt.toISOString() : null, hidesLastSeen: !isShown }
    }),
  }
}
