import { PublicUser } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import type { Snapshot } from '../conversations/load-conversations.ts'

/** Profiles by id. */
export type People = ReadonlyMap<string, PublicUser>

/**
 * The people who have an account, of those asked for. The copy of the profiles may be a moment behind: ids that were made
 * just now are waited for (`Newcomers`), and looked for once more. The users service is never asked.
 */
export async function findPeople(
  { prisma, newcomers }: Pick<MessagesContext, 'prisma' | 'newcomers'>,
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

/** The same, as somebody may name them: those blocked either way are not there. */
export async function findPeopleFor(
  ctx: Pick<MessagesContext, 'prisma' | 'pool' | 'newcomers'>,
  userId: string,
  ids: readonly string[],
): Promise<People> {
  const people = await findPeople(ctx, ids)
  const blocked = await findBlocked(ctx.pool, userId, [...people.keys()])
  return blocked.size === 0 ? people : new Map([...people].filter(([id]) => !blocked.has(id)))
}

/** Of these people, whom the person blocked or by whom the person is blocked. */
export async function findBlocked(
  tx: Snapshot,
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

/** More mistakes than this are not listed. */
const listed = 100

/** Checks that everyone named in a body's `userIds` has an account. Throws `validation_failed` with the path of each who has not. */
export function requirePeople(people: Pick<People, 'has'>, userIds: readonly string[]): void {
  const errors = userIds.flatMap((id, i) =>
    people.has(id) ? [] : { path: `body.userIds.${i}`, message: 'There is no such person' },
  )
  if (errors.length > 0) throw new AppError('validation_failed', { errors: errors.slice(0, listed) })
}

/** The profile of the caller, who exists, as the token says. Throws `unavailable` when the copy of the profiles has not heard of them yet. */
export function requireSelf(people: People, userId: string): PublicUser {
  const self = people.get(userId)
  if (!self)
    throw new AppError('unavailable', { detail: 'Your account is not known here yet', retryAfter: 1 })
  return self
}
