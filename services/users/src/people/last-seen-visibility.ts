import type { PublicUser, RouteBody, RouteReply, usersApi } from '@finnigram/contracts'
import type { UsersContext } from '../context.ts'
import { notBlocked } from './blocks.ts'
import type { Contacts } from './contacts.ts'
import { toPreferences } from './preferences.ts'
import type { UserRow } from './user-row.ts'
import { toPublicUser } from './user-views.ts'

interface Hiding {
  id: string
  preferences: unknown
}

/** Of these people, those who let `viewerId` know when they were last seen. */
export async function findShowing(
  { contacts }: { contacts: Contacts },
  viewerId: string,
  people: readonly Hiding[],
): Promise<ReadonlySet<string>> {
  const choosing = (choice: string) =>
    people.filter(({ preferences }) => toPreferences(preferences).lastSeen === choice).map(({ id }) => id)
  const forContacts = await contacts.contactOf(viewerId, choosing('contacts'))
  return new Set([...choosing('everyone'), ...forContacts])
}

/** People as one person may see them, in the same order. */
export async function showPeople(
  ctx: Pick<UsersContext, 'contacts'>,
  viewerId: string,
  rows: readonly UserRow[],
): Promise<PublicUser[]> {
  const showing = await findShowing(ctx, viewerId, rows)
  return rows.map((row) => toPublicUser(row, showing.has(row.id)))
}

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
