import { type Me, type PublicUser, SharedPreferences, type UserEventData } from '@finnigram/contracts'
import { toPreferences } from './preferences.ts'
import type { UserRow } from './user-row.ts'

/** What other users see. The last-seen time only if `isShown`. */
export function toPublicUser(row: UserRow, isShown = false): PublicUser {
  if (row.deletedAt) return { ...toProfile(row), username: 'deleted', lastSeenAt: null, deleted: true }
  return { ...toProfile(row), lastSeenAt: isShown ? row.lastSeenAt.toISOString() : null }
}

/** What every view of a user has. */
function toProfile({ id, username, displayName, bio, avatarUrl, createdAt, version }: UserRow) {
  return { id, username, displayName, bio, avatarUrl, createdAt: createdAt.toISOString(), version }
}

/** What a user sees of themselves. */
export function toMe(row: UserRow): Me {
  return {
    ...toProfile(row),
    lastSeenAt: row.lastSeenAt.toISOString(),
    email: row.email,
    emailVerified: row.emailVerified,
    pendingEmail: row.pendingEmail,
    totpEnabled: row.totpEnabled,
    preferences: toPreferences(row.preferences),
  }
}

/**
 * What other services replicate. Without the last-seen time: it changes often, and not everyone
 * may see it.
 */
export function toSharedUser(row: UserRow): UserEventData['user.updated'] {
  const preferences = SharedPreferences.parse(toPreferences(row.preferences))
  const { reachable, version } = row
  return { user: toPublicUser(row), preferences, reachable, version }
}
