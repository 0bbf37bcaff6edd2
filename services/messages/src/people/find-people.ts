import { PublicUser } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'
import type { Queryable, WithPool, WithPrisma } from '../deps.ts'
import type { WithProfileCopyWaiter } from './await-profile-copy.ts'

/** Profiles by id. */
export type People = ReadonlyMap<string, PublicUser>

/**
 * Those of some people who have an account. The profile copy may lag behind: for ids created just
 * now it waits a moment (`Newcomers`) and looks again. It never asks the users service.
 */
export async function findPeople(
  { prisma, newcomers }: WithPrisma & WithProfileCopyWaiter,
  ids: readonly string[],
): Promise<People> {
  const wanted = [...new Set(ids)]
  const known = await prisma.userReplica.findMany({ where: { id: { in: wanted } } })
  const knownIds = new Set(known.map(({ id }) => id))
  const missing = wanted.filter((id) => !knownIds.has(id))
  if (missing.length > 0) {
    await newcomers.wait(missing)
    known.push(...(await prisma.userReplica.findMany({ where: { id: { in: missing } } })))
  }
  const living = known.filter(({ deleted }) => !deleted)
  return new Map(living.map(({ id, profile }) => [id, PublicUser.parse(profile)]))
}

/** The same for one viewer: people blocked either way are left out. */
export async function findPeopleFor(
  ctx: WithPrisma & WithPool & WithProfileCopyWaiter,
  userId: string,
  ids: readonly string[],
): Promise<People> {
  const people = await findPeople(ctx, ids)
  const blocked = await findBlocked(ctx.pool, userId, [...people.keys()])
  return blocked.size === 0 ? people : new Map([...people].filter(([id]) => !blocked.has(id)))
}

/** Those of these people who are blocked either way. */
export async function findBlocked(
  tx: Queryable,
  userId: string,
  others: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await tx.query<{ id: string }>({
    name: 'find-blocked',
    text: `SELECT blocked_id AS id FROM blocks WHERE user_id = $1 AND blocked_id = ANY($2::uuid[]) AND in_force
UNION
SELECT user_id FROM blocks WHERE user_id = ANY($2::uuid[]) AND blocked_id = $1 AND in_force`,
    values: [userId, others],
  })
  return new Set(rows.map(({ id }) => id))
}

/** Errors that one answer lists. */
const listed = 100

/**
 * Requires that everybody in the `userIds` of a body has an account. Throws `validation_failed`
 * with the path of each who has none.
 */
export function requirePeople(people: Pick<People, 'has'>, userIds: readonly string[]): void {
  const errors = userIds.flatMap((id, i) =>
    people.has(id) ? [] : { path: `body.userIds.${i}`, message: 'There is no such person' },
  )
  if (errors.length > 0) throw new AppError('validation_failed', { errors: errors.slice(0, listed) })
}

/**
 * The profile of the caller, who exists because their token says so. Throws `unavailable` while the
 * profile copy does not know them yet.
 */
export function requireSelf(people: People, userId: string): PublicUser {
  const self = people.get(userId)
  if (!self)
    throw new AppError('unavailable', { detail: 'Your account is not known here yet', retryAfter: 1 })
  return self
}
