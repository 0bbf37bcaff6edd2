import { type RouteQuery, type RouteReply, UserId, type usersApi } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'
import { z } from 'zod'
import type { WithPool, WithPrisma } from '../deps.ts'
import { toSharedUser } from './user-views.ts'

type UsersSnapshot = typeof usersApi.snapshotUsers

/*
 * Snapshots: how another service builds its replica of users and blocks, page by page, or catches
 * up with what changed since a time. Events keep the replica current afterwards.
 */

/** A page of all users in id order, or of those that changed since a time. */
export async function snapshotUsers(
  { prisma }: WithPrisma,
  { after, limit, changedSince }: RouteQuery<UsersSnapshot>,
): Promise<RouteReply<UsersSnapshot>> {
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

type BlocksSnapshot = typeof usersApi.snapshotBlocks

const Pair = z.tuple([UserId, UserId])
const noOne = '00000000-0000-0000-0000-000000000000'

/**
 * A page of all blocks in force, in the order of the pairs. With a time: of all that changed
 * since, removed ones too.
 */
export async function snapshotBlocks(
  { pool }: WithPool,
  { after, limit, changedSince }: RouteQuery<BlocksSnapshot>,
): Promise<RouteReply<BlocksSnapshot>> {
  const [userId, blockedId] = after === undefined ? [noOne, noOne] : pairOf(after)
  const { rows: items } = await pool.query<RouteReply<BlocksSnapshot>['items'][number]>(
    `SELECT user_id AS "userId", blocked_id AS "blockedId", version, in_force AS "isBlocked" FROM blocks
WHERE ${changedSince === undefined ? 'in_force' : 'at >= $4'} AND (user_id, blocked_id) > ($1, $2)
ORDER BY user_id, blocked_id LIMIT $3`,
    [userId, blockedId, limit, ...(changedSince === undefined ? [] : [changedSince])],
  )
  const last = items.at(-1)
  return { items, nextAfter: last && items.length === limit ? `${last.userId}.${last.blockedId}` : null }
}

function pairOf(after: string): [userId: string, blockedId: string] {
  const pair = Pair.safeParse(after.split('.'))
  if (pair.success) return pair.data
  throw new AppError('validation_failed', {
    errors: [{ path: 'query.after', message: 'Is not the end of a page' }],
  })
}
