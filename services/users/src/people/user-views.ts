import type { PublicUser } from '@finnigram/contracts'
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
