import { type PublicUser, UserId } from '@finnigram/contracts'
import { z } from 'zod'
import type { Queryable } from '../deps.ts'
import { type ProfileRow, profileColumns, toShownProfile } from '../people/shown-profile.ts'

/** Profiles of one reply: about 250 kB, or 800 kB with the longest bios. */
const profilesAtMost = 500
/** Changed profiles, of anyone, that one reply looks at. */
const profilesLookedAt = 1000

/** Since 1970. */
export const Milliseconds = z.int().min(0).max(Date.UTC(9999, 0))

/** Where the changed profiles go on: after this time and, of the same time, after this person. */
export const ProfilesPlace = z.object({
  /** When the first page of them began. The next sync goes on from there. */
  begunAt: Milliseconds,
  at: Milliseconds,
  id: UserId,
})
export type ProfilesPlace = z.output<typeof ProfilesPlace>

/** How many profiles are sent, and looked at. */
export interface ProfilesBudget {
  sent: number
  lookedAt: number
}

interface Asked {
  userId: string
  /** Conversations that the person takes part in. */
  shared: readonly string[]
  from: ProfilesPlace | undefined
  budget?: ProfilesBudget | undefined
}

/**
 * Few profiles change between two syncs. So they are found by the time of the change, and then
 * filtered by shared conversations. For a deleted account a past membership counts, because it
 * leaves all groups. OFFSET 0 makes the list of conversations a hash, not an index look-up for
 * each.
 */
const select = `WITH looked AS MATERIALIZED (
  SELECT * FROM users_replica q WHERE (q.changed_at, q.id) > ($3, $4) ORDER BY q.changed_at, q.id LIMIT $5
), shown AS (
  SELECT u.changed_at, u.id, ${profileColumns('$1')} FROM looked u
  WHERE EXISTS (
    SELECT FROM (SELECT * FROM participants q WHERE q.user_id = u.id OFFSET 0) p
    WHERE p.conversation_id = ANY($2::uuid[]) AND (p.left_version IS NULL OR u.deleted) OFFSET 0
  )
  ORDER BY u.changed_at, u.id LIMIT $6
)
SELECT (SELECT count(*)::int FROM looked) AS looked, l.changed_at AS "lastAt", l.id AS "lastId", s.*
FROM (SELECT changed_at, id FROM looked ORDER BY changed_at DESC, id DESC LIMIT 1) l
LEFT JOIN shown s ON true ORDER BY s.changed_at, s.id`

type Row = { looked: number; lastAt: Date; lastId: string } & (
  | ({ changed_at: Date; id: string } & ProfileRow)
  | { id: null }
)

export interface ChangedProfiles {
  users: PublicUser[]
  /** Where there may be more. */
  next?: ProfilesPlace
}

/**
 * Profiles that changed after a place, of people with a shared conversation. Without a place, none.
 */
export async function readChangedProfiles(
  tx: Queryable,
  { userId, shared, from, budget = { sent: profilesAtMost, lookedAt: profilesLookedAt } }: Asked,
): Promise<ChangedProfiles> {
  if (!from || shared.length === 0) return { users: [] }
  const { begunAt, at, id } = from
  const { rows } = await tx.query<Row>({
    name: 'sync-profiles',
    text: select,
    values: [userId, shared, new Date(at), id, budget.lookedAt, budget.sent],
  })
  const [first] = rows
  if (!first) return { users: [] }
  const shown = rows.flatMap((row) => (row.id === null ? [] : row))
  const users = shown.map(toShownProfile)
  const last = shown.at(-1)
  if (last && shown.length === budget.sent)
    return { users, next: { begunAt, at: last.changed_at.getTime(), id: last.id } }
  if (first.looked < budget.lookedAt) return { users }
  return { users, next: { begunAt, at: first.lastAt.getTime(), id: first.lastId } }
}
