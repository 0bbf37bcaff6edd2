import type { PublicUser, SharedPreferences } from '@finnigram/contracts'
import type pg from 'pg'
import { deletedAccount } from './shown-profile.ts'

/** A pool, or a connection in a transaction. */
type Database = Pick<pg.ClientBase, 'query'>

/** What the users service said of a person, at a version that grows with every change. */
export interface VersionedProfile {
  user: PublicUser
  preferences: SharedPreferences
  reachable: boolean
  version: number
}

/** Takes profiles into the copy, unless it has heard something newer: in any order and any number of times, the newest stays. */
export async function copyProfiles(pool: Database, profiles: readonly VersionedProfile[]): Promise<void> {
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
  await storeRows(pool, rows)
}

/** Takes a person's end into the copy; nothing personal stays. */
export async function copyDeletion(
  pool: Database,
  { id, version }: { id: string; version: number },
): Promise<void> {
  const { rows } = await pool.query<{ profile: PublicUser }>(
    'SELECT profile FROM users_replica WHERE id = $1',
    [id],
  )
  const createdAt = rows[0]?.profile.createdAt ?? new Date().toISOString()
  await storeRows(pool, [deletedRow({ id, createdAt, version })])
}

interface ReplicaRow {
  id: string
  profile: PublicUser
  preferences: SharedPreferences | Record<string, never>
  username: string | null
  hides_reads: boolean
  reachable: boolean
  version: number
  deleted: boolean
}

/** How far they had read is theirs, too. */
const deletedRow = ({
  id,
  createdAt,
  version,
}: {
  id: string
  createdAt: string
  version: number
}): ReplicaRow => ({
  id,
  profile: deletedAccount(id, createdAt),
  preferences: {},
  username: null,
  hides_reads: true,
  reachable: false,
  version,
  deleted: true,
})

async function storeRows(pool: Database, rows: readonly ReplicaRow[]): Promise<void> {
  if (rows.length === 0) return
  const newest = new Map(rows.toSorted((a, b) => a.version - b.version).map((row) => [row.id, row]))
  await pool.query(
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
