import type { PublicUser } from '@finnigram/contracts'
import type pg from 'pg'
import { deletedAccount } from './deleted-account.ts'

/** What the users service said of a person, at a version that grows with every change. */
export interface VersionedProfile {
  user: PublicUser
  version: number
}

/** Takes profiles into the copy, unless it has heard something newer: in any order and any number of times, the newest stays. */
export async function copyProfiles(pool: pg.Pool, profiles: readonly VersionedProfile[]): Promise<void> {
  if (profiles.length === 0) return
  const newest = new Map(profiles.toSorted((a, b) => a.version - b.version).map((one) => [one.user.id, one]))
  const rows = [...newest.values()].map(({ user, version }) => ({
    id: user.id,
    profile: user.deleted ? deletedAccount(user.id, user.createdAt) : user,
    version,
    deleted: user.deleted === true,
  }))
  await pool.query(
    `INSERT INTO users_replica AS u (id, profile, version, deleted)
SELECT id, profile, version, deleted FROM jsonb_to_recordset($1) AS r (id uuid, profile jsonb, version int, deleted boolean)
ORDER BY id
ON CONFLICT (id) DO UPDATE SET profile = excluded.profile, version = excluded.version, deleted = excluded.deleted
WHERE u.version < excluded.version`,
    [JSON.stringify(rows)],
  )
}

/** Takes a person's end into the copy; nothing personal stays. */
export async function copyDeletion(
  pool: pg.Pool,
  { id, version }: { id: string; version: number },
): Promise<void> {
  const { rows } = await pool.query<{ profile: PublicUser }>(
    'SELECT profile FROM users_replica WHERE id = $1',
    [id],
  )
  const createdAt = rows[0]?.profile.createdAt ?? new Date().toISOString()
  await copyProfiles(pool, [{ user: deletedAccount(id, createdAt), version }])
}
