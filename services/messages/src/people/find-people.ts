import { PublicUser } from '@finnigram/contracts'
import { pause } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { bornAt } from './born-at.ts'
import { findBlocked } from './find-blocked.ts'

/** How long the copy of the profiles may take to hear of somebody who has just registered, in milliseconds. */
const newsTakesMs = 1000
/** Whoever registered longer ago is known, or does not exist; clocks of two services may differ by this, too. */
const newForMs = 30_000
const lookEveryMs = 25

/** Profiles by id. */
export type People = ReadonlyMap<string, PublicUser>

/**
 * The people who have an account, of those asked for. The copy of the profiles may be a moment behind: for ids that were
 * made just now it is asked again for up to a second. The users service is never asked.
 */
export async function findPeople(
  { prisma }: Pick<MessagesContext, 'prisma'>,
  ids: readonly string[],
): Promise<People> {
  const deadline = performance.now() + newsTakesMs
  const wanted = [...new Set(ids)]
  for (;;) {
    const rows = await prisma.userReplica.findMany({ where: { id: { in: wanted } } })
    const known = new Set(rows.map(({ id }) => id))
    const mayComeYet = wanted.some((id) => !known.has(id) && Date.now() - bornAt(id) < newForMs)
    if (!mayComeYet || performance.now() > deadline) {
      const living = rows.filter(({ deleted }) => !deleted)
      return new Map(living.map(({ id, profile }) => [id, PublicUser.parse(profile)]))
    }
    await pause(lookEveryMs)
  }
}

/** The same, as somebody may name them: those blocked either way are not there. */
export async function findPeopleFor(
  ctx: Pick<MessagesContext, 'prisma' | 'pool'>,
  userId: string,
  ids: readonly string[],
): Promise<People> {
  const people = await findPeople(ctx, ids)
  const blocked = await findBlocked(ctx.pool, userId, [...people.keys()])
  return blocked.size === 0 ? people : new Map([...people].filter(([id]) => !blocked.has(id)))
}
