import type { RouteQuery, RouteReply, usersApi } from '@finnigram/contracts'
import type { UsersContext } from '../context.ts'
import { toSharedUser } from './to-shared-user.ts'

type Snapshot = typeof usersApi.snapshotUsers

/** A page of all people in id order, for a replica that is built anew. */
export async function snapshotUsers(
  { prisma }: UsersContext,
  { after, limit }: RouteQuery<Snapshot>,
): Promise<RouteReply<Snapshot>> {
  const users = await prisma.user.findMany({
    where: after === undefined ? {} : { id: { gt: after } },
    orderBy: { id: 'asc' },
    take: limit,
  })
  return {
    items: users.map(toSharedUser),
    nextAfter: users.length === limit ? (users.at(-1)?.id ?? null) : null,
  }
}
