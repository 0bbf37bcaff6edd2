import type { RouteQuery, RouteReply, usersApi } from '@finnigram/contracts'
import type { UsersContext } from '../context.ts'
import { toSharedUser } from './to-shared-user.ts'

type Snapshot = typeof usersApi.snapshotUsers

/** A page of all people in id order, for a replica that is built anew, or of those who changed since. */
export async function snapshotUsers(
  { prisma }: UsersContext,
  { after, limit, changedSince }: RouteQuery<Snapshot>,
): Promise<RouteReply<Snapshot>> {
  const users = await prisma.user.findMany({
    where: {
      ...(after === undefined ? {} : { id: { gt: after } }),
      ...(changedSince === undefined ? {} : { changedAt: { gte: changedSince } }),
    },
    orderBy: { id: 'asc' },
    take: limit,
  })
  return {
    items: users.map(toSharedUser),
    nextAfter: users.length === limit ? (users.at(-1)?.id ?? null) : null,
  }
}
