import type { PublicUser } from '@finnigram/contracts'

/**
 * Which of two profiles of a person is true, and the same whichever came first: that of a deleted account for ever,
 * otherwise that of the higher version. Of the same version one place tells more than another: what somebody writes
 * about themselves is left out across a block, and only some places say when they were last seen.
 */
export function newerProfile(known: PublicUser | undefined, fresh: PublicUser): PublicUser {
  if (!known) return fresh
  const order = rankOf(fresh) - rankOf(known)
  if (order !== 0) return order > 0 ? fresh : known
  const version = versionOf(fresh)
  // A server that says no versions: what came last counts.
  const whole = version === 0 ? fresh : { ...fresh, ...richer(known, fresh) }
  return isSame(known, whole) ? known : whole
}

/** 0 where the server says none, or does not know the person itself. */
export const versionOf = (user: PublicUser | undefined): number => user?.version ?? 0

/** By what a profile stays in the store: another tab may know a newer one. */
export const rankOf = (user: PublicUser): number =>
  user.deleted === true ? Number.MAX_SAFE_INTEGER : versionOf(user)

function richer(known: PublicUser, fresh: PublicUser): Pick<PublicUser, 'bio' | 'lastSeenAt'> {
  const times = [known.lastSeenAt, fresh.lastSeenAt].filter((time) => time !== null).sort()
  return { bio: fresh.bio || known.bio, lastSeenAt: times.at(-1) ?? null }
}

const shownKeys = [
  'username',
  'displayName',
  'bio',
  'avatarUrl',
  'createdAt',
  'lastSeenAt',
  'version',
] as const

const isSame = (a: PublicUser, b: PublicUser) => shownKeys.every((key) => a[key] === b[key])
