import type { PublicUser } from '@finnigram/contracts'
import { toPreferences } from './preferences.ts'
import type { UserRow } from './user-row.ts'

/** What others may know of a person. Who was seen when is told to everyone or to nobody: this service does not know who is whose contact. */
export function toPublicUser(row: UserRow): PublicUser {
  const { lastSeen } = toPreferences(row.preferences)
  if (row.deletedAt) return { ...toProfile(row), lastSeenAt: null, deleted: true }
  return { ...toProfile(row), lastSeenAt: lastSeen === 'everyone' ? row.lastSeenAt.toISOString() : null }
}

/** The columns every view of a person has, in the shape of the contract. */
export function toProfile({ id, username, displayName, bio, avatarUrl, createdAt }: UserRow) {
  return { id, username, displayName, bio, avatarUrl, createdAt: createdAt.toISOString() }
}
