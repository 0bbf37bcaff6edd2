import { PublicUser } from '@finnigram/contracts'
import type { MessagesContext } from '../context.ts'
import { findBlocked } from './find-blocked.ts'

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
