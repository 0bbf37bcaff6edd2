import type { PublicUser } from '@finnigram/contracts'

/**
 * SQL: the columns of `users_replica`, aliased `u`, that make a profile as `viewer` may see it.
 * `viewer` is an SQL expression such as `$1`. Across a block the bio is hidden, name and picture
 * are not.
 */
export const profileColumns = (viewer: string): string => `u.profile, u.version AS "profileVersion",
  (u.profile ->> 'bio' <> '' AND ${isBlocked(viewer)}) AS "hidesBio"`

/** SQL: `u` and `viewer` are blocked either way. OFFSET 0 keeps it an index lookup in `blocks`. */
export const isBlocked = (viewer: string): string => `(
    EXISTS (SELECT FROM blocks b WHERE b.user_id = ${viewer} AND b.blocked_id = u.id AND b.in_force OFFSET 0)
    OR EXISTS (SELECT FROM blocks b WHERE b.user_id = u.id AND b.blocked_id = ${viewer} AND b.in_force OFFSET 0))`

export interface ProfileRow {
  profile: PublicUser
  profileVersion: number
  hidesBio: boolean
}

/** A profile with its version, as one viewer may see it. */
export const toShownProfile = ({ profile, profileVersion: version, hidesBio }: ProfileRow): PublicUser =>
  hidesBio ? { ...profile, bio: '', version } : { ...profile, version }

/** A profile in an event: without the bio, because people whom this person blocked read it too. */
export const toEventProfile = (user: PublicUser): PublicUser => ({ ...user, bio: '' })

/** A placeholder for somebody whom the profile copy does not know; any profile is newer. */
export const unknownPerson = (id: string, createdAt: string): PublicUser => {
  const { deleted: _, ...shown } = deletedAccount(id, createdAt)
  return { ...shown, username: 'unknown', displayName: 'Unknown', version: 0 }
}

/** The profile of a deleted account, without anything personal. */
export const deletedAccount = (id: string, createdAt: string): PublicUser => ({
  id,
  username: 'deleted',
  displayName: 'Deleted account',
  bio: '',
  avatarUrl: null,
  createdAt,
  lastSeenAt: null,
  deleted: true,
})
