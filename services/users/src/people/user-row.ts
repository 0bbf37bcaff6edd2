import type { User } from '../generated/client.ts'

/** A person as stored, without the secrets and the search index. */
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

/** What to select of `users AS u` to get a `UserRow`. */
export const userColumns = Object.entries(columns)
  .map(([name, column]) => `u.${column} AS "${name}"`)
  .join(', ')
