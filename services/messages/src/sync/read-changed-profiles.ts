import { type PublicUser, UserId } from '@finnigram/contracts'
import { z } from 'zod'
import type { Queryable } from '../deps.ts'
import { type ProfileRow, profileColumns, toShownProfile } from '../people/shown-profile.ts'

/**
 * Profiles of one reply: about 250 kB, 800 kB where everyone writes all they may about themselves.
 */
const profilesAtMost = 500
/** Profiles that changed, of anyone, one reply looks at. */
const profilesLookedAt = 1000

/** Since 1970. */
export const Milliseconds = z.int().min(0).max(Date.UTC(9999, 0))

/** How far the profiles that changed are told: up to this moment, and of it up to this person. */
export const ProfilesPlace = z.object({
  /** When the first reply began that told some of them: the next sync goes on from there. */
  begunAt: Milliseconds,
  at: Milliseconds,
  id: UserId,
})
export type ProfilesPlace = z.output<typeof ProfilesPlace>

/** How many profiles are told, and looked at. */
export interface ProfilesRoom {
  told: number
  lookedAt: number
}

interface Asked {
  userId: string
  /** Conversations that the person takes part in. */
  shared: readonly string[]
  from: ProfilesPlace | undefined
  room?: ProfilesRoom | undefined
}

/**
 * Few people change their profile between two syncs, so they are found by when they changed, and then it is asked with
 * whom they are in a conversation. Of an account that ended it counts that they once were: it leaves all groups. The
 * list of conversations is compared as a hash, not looked up one by one: OFFSET 0 keeps it apart from the index.
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
 * Profiles that changed after a place, of people the person shares a conversation with. Without a
 * place there are none.
 */
export async function readChangedProfiles(
  tx: Queryable,
  { userId, shared, from, room = { told: profilesAtMost, lookedAt: profilesLookedAt } }: Asked,
): Promise<ChangedProfiles> {
  if (!from || shared.length === 0) return { users: [] }
  const { begunAt, at, id } = from
  const { rows } = await tx.query<Row>({
    name: 'sync-profiles',
    text: select,
    values: [userId, shared, new Date(at), id, room.lookedAt, room.told],
  })
  const [first] = rows
  if (!first) return { users: [] }
  const shown = rows.flatMap((row) => (row.id === null ? [] : row))
  const users = shown.map(toShownProfile)
  const last = shown.at(-1)
  if (last && shown.length === room.told)
    return { users, next: { begunAt, at: last.changed_at.getTime(), id: last.id } }
  if (first.looked < room.lookedAt) return { users }
  return { users, next: { begunAt, at: first.lastAt.getTime(), id: first.lastId } }
}
