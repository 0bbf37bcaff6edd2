import type { PublicUser } from '@finnigram/contracts'
import { showsLastSeen } from './shows-last-seen.ts'
import type { UserRow } from './user-row.ts'

/** What others may know of a person. */
export function toPublicUser(row: UserRow): PublicUser {
  if (row.deletedAt) return { ...toProfile(row), username: 'deleted', lastSeenAt: null, deleted: true }
  return {
    ...toProfile(row),
    lastSeenAt: showsLastSeen(row.preferences) ? row.lastSeenAt.toISOString() : null,
  }
}

/** The columns every view of a person has, in the shape of the contract. */
export function toProfile({ id, username, displayName, bio, avatarUrl, createdAt }: UserRow) {
  return { id, username, displayName, bio, avatarUrl, createdAt: createdAt.toISOString() }
}
