import type { PublicUser } from '@finnigram/contracts'

/**
 * The columns of `users_replica AS u` that make the profile `viewer` may see, an SQL expression such as `$1`. Across a
 * block, whoever made it, what somebody writes about themselves is not told; their name and picture in a group are.
 * OFFSET 0 keeps each look-up one of an index: PostgreSQL would read all blocks there are.
 */
export const profileColumns = (viewer: string): string => `u.profile, u.version AS "profileVersion",
  (u.profile ->> 'bio' <> '' AND ${isBlocked(viewer)}) AS "hidesBio"`

/** A condition on `users_replica AS u`: one of them and `viewer` blocked the other. */
export const isBlocked = (viewer: string): string => `(
    EXISTS (SELECT FROM blocks b WHERE b.user_id = ${viewer} AND b.blocked_id = u.id AND b.in_force OFFSET 0)
    OR EXISTS (SELECT FROM blocks b WHERE b.user_id = u.id AND b.blocked_id = ${viewer} AND b.in_force OFFSET 0))`

export interface ProfileRow {
  profile: PublicUser
  profileVersion: number
  hidesBio: boolean
}

/** A profile with its version, as one person may see it. */
export const toShownProfile = ({ profile, profileVersion: version, hidesBio }: ProfileRow): PublicUser =>
  hidesBio ? { ...profile, bio: '', version } : { ...profile, version }

/**
 * A profile as events carry it: all who take part read the same, also those whom the person
 * blocked.
 */
export const toToldProfile = (user: PublicUser): PublicUser => ({ ...user, bio: '' })

/** Stands in for somebody of whom the copy of the profiles has not heard: any profile is newer. */
export const unknownPerson = (id: string, createdAt: string): PublicUser => {
  const { deleted: _, ...shown } = deletedAccount(id, createdAt)
  return { ...shown, username: 'unknown', displayName: 'Unknown', version: 0 }
}

/** Who stands where somebody's account was: the messages stay, nothing personal does. */
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
