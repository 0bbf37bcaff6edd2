import type { ErrorCode } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'
import type pg from 'pg'
import type { User } from '../generated/client.ts'
import { toPreferences } from './preferences.ts'

/** A user as stored, without secrets and search words. */
export type UserRow = Omit<
  User,
  | 'passwordHash'
  | 'emailGivenAt'
  | 'emailKey'
  | 'pendingEmailKey'
  | 'preferences'
  | 'usernameLooks'
  | 'changedAt'
  | 'totpSecret'
  | 'totpLastStep'
> & { preferences: unknown }

const columns: Record<keyof UserRow, string> = {
  id: 'id',
  username: 'username',
  displayName: 'display_name',
  bio: 'bio',
  avatarUrl: 'avatar_url',
  email: 'email',
  emailVerified: 'email_verified',
  emailWasProven: 'email_was_proven',
  pendingEmail: 'pending_email',
  totpEnabled: 'totp_enabled',
  preferences: 'preferences',
  reachable: 'reachable',
  version: 'version',
  createdAt: 'created_at',
  lastSeenAt: 'last_seen_at',
  deletedAt: 'deleted_at',
}

/** Columns to select of `users AS u` for a `UserRow`. */
export const userColumns = Object.entries(columns)
  .map(([name, column]) => `u.${column} AS "${name}"`)
  .join(', ')

/** Locks a user's row until the transaction ends. Throws `unauthenticated` if there is none. */
export async function lockUser(tx: pg.PoolClient, id: string): Promise<UserRow> {
  const { rows } = await tx.query<UserRow>(
    `SELECT ${userColumns} FROM users u WHERE u.id = $1 FOR NO KEY UPDATE`,
    [id],
  )
  const row = rows[0]
  if (!row) throw new AppError('unauthenticated')
  return { ...row, preferences: toPreferences(row.preferences) }
}

/** The error codes of the unique indexes of `users`. */
const taken: Readonly<Record<string, ErrorCode>> = {
  users_username_key: 'username_taken',
  users_username_looks_key: 'username_taken',
  users_proven_email_key: 'email_taken',
}
const uniqueViolation = '23505'

/**
 * Maps the error of a write to `users`: a unique violation becomes `username_taken` or
 * `email_taken`.
 */
export function rethrowAsTaken(error: unknown): never {
  if (error instanceof Error && 'code' in error && error.code === uniqueViolation && 'constraint' in error) {
    const code = taken[String(error.constraint)]
    if (code) throw new AppError(code, { cause: error })
  }
  throw error
}
