import type { Me, PublicUser, UserEventData } from '@finnigram/contracts'
import { SharedPreferences } from '@finnigram/contracts'
import { toPreferences } from './preferences.ts'
import type { UserRow } from './user-row.ts'

/** What others may know of a person; when they were last seen where that `isShown`. */
export function toPublicUser(row: UserRow, isShown = false): PublicUser {
  if (row.deletedAt) return { ...toProfile(row), username: 'deleted', lastSeenAt: null, deleted: true }
  return { ...toProfile(row), lastSeenAt: isShown ? row.lastSeenAt.toISOString() : null }
}

/** The columns every view of a person has, in the shape of the contract. */
export function toProfile({ id, username, displayName, bio, avatarUrl, createdAt, version }: UserRow) {
  return { id, username, displayName, bio, avatarUrl, createdAt: createdAt.toISOString(), version }
}

/** What a person sees of themselves. */
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

/** What the other services keep of a person. When they were last seen is asked here each time: it changes, and not everyone may know. */
export function toSharedUser(row: UserRow): UserEventData['user.updated'] {
  const preferences = SharedPreferences.parse(toPreferences(row.preferences))
  const { reachable, version } = row
  return { user: toPublicUser(row), preferences, reachable, version }
}
