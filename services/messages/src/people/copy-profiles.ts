import type { PublicUser, SharedPreferences } from '@finnigram/contracts'
import type { Queryable } from '../deps.ts'
import { deletedAccount } from './shown-profile.ts'

/** A profile from the users service; its version grows with every change. */
export interface VersionedProfile {
  user: PublicUser
  preferences: SharedPreferences
  reachable: boolean
  version: number
}

/** Upserts profiles where their version is newer. Idempotent, in any order. */
export async function copyProfiles(db: Queryable, profiles: readonly VersionedProfile[]): Promise<void> {
  const rows = profiles.map(({ user, preferences, reachable, version }) =>
    user.deleted
      ? deletedRow({ id: user.id, createdAt: user.createdAt, version })
      : {
          id: user.id,
          profile: user,
          preferences,
          username: user.username,
          hides_reads: !preferences.readReceipts,
          reachable,
          version,
          deleted: false,
        },
  )
  await storeRows(db, rows)
}

/** Replaces a profile by that of a deleted account; nothing personal stays. */
export async function copyDeletion(
  db: Queryable,
  { id, version }: { id: string; version: number },
): Promise<void> {
  const { rows } = await db.query<{ profile: PublicUser }>(
    'SELECT profile FROM users_replica WHERE id = $1',
    [id],
  )
  const createdAt = rows[0]?.profile.createdAt ?? new Date().toISOString()
  await storeRows(db, [deletedRow({ id, createdAt, version })])
}

interface ProfileCopyRow {
  id: string
  profile: PublicUser
  preferences: SharedPreferences | Record<string, never>
  username: string | null
  hides_reads: boolean
  reachable: boolean
  version: number
  deleted: boolean
}

/** Read receipts are personal too, and are hidden. */
const deletedRow = ({
  id,
  createdAt,
  version,
}: {
  id: string
  createdAt: string
  version: number
}): ProfileCopyRow => ({
  id,
  profile: deletedAccount(id, createdAt),
  preferences: {},
  username: null,
  hides_reads: true,
  reachable: false,
  version,
  deleted: true,
})

async function storeRows(db: Queryable, rows: readonly ProfileCopyRow[]): Promise<void> {
  if (rows.length === 0) return
  const newest = new Map(rows.toSorted((a, b) => a.version - b.version).map((row) => [row.id, row]))
  await db.query(
    `INSERT INTO users_replica AS u (id, profile, preferences, username, hides_reads, reachable, version, deleted)
SELECT id, profile, preferences, username, hides_reads, reachable, version, deleted
FROM jsonb_to_recordset($1) AS r (id uuid, profile jsonb, preferences jsonb, username text, hides_reads boolean, reachable boolean,
  version int, deleted boolean)
ORDER BY id
ON CONFLICT (id) DO UPDATE SET profile = excluded.profile, preferences = excluded.preferences,
  username = excluded.username, hides_reads = excluded.hides_reads, reachable = excluded.reachable,
  version = excluded.version, deleted = excluded.deleted
WHERE u.version < excluded.version`,
    [JSON.stringify([...newest.values()])],
  )
}
