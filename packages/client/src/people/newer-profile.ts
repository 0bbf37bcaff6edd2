import type { PublicUser } from '@finnigram/contracts'

/**
 * Which of two profiles counts, whichever came first: that of a deleted account always, otherwise
 * the higher version. Profiles of one version can differ: `bio` is left out across a block, and
 * only some sources have `lastSeenAt`. They are merged.
 */
export function newerProfile(known: PublicUser | undefined, fresh: PublicUser): PublicUser {
  if (!known) return fresh
  const order = rankOf(fresh) - rankOf(known)
  if (order !== 0) return order > 0 ? fresh : known
  const version = versionOf(fresh)
  // From a server without versions the last one counts.
  const whole = version === 0 ? fresh : { ...fresh, ...richer(known, fresh) }
  return isSame(known, whole) ? known : whole
}

/** 0 if the server sends none, or does not know the person itself. */
export const versionOf = (user: PublicUser | undefined): number => user?.version ?? 0

/** The version of the stored row: another tab may have written a newer one. */
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
