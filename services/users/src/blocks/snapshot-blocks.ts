import { type RouteQuery, type RouteReply, UserId, type usersApi } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'
import { z } from 'zod'
import type { UsersContext } from '../context.ts'

type Snapshot = typeof usersApi.snapshotBlocks

const Pair = z.tuple([UserId, UserId])
const noOne = '00000000-0000-0000-0000-000000000000'

/** A page of all blocks in force, in the order of the pairs, for a replica that is built anew. */
export async function snapshotBlocks(
  { pool }: UsersContext,
  { after, limit }: RouteQuery<Snapshot>,
): Promise<RouteReply<Snapshot>> {
  const [userId, blockedId] = after === undefined ? [noOne, noOne] : pairOf(after)
  const { rows: items } = await pool.query<{ userId: string; blockedId: string; version: number }>(
    `SELECT user_id AS "userId", blocked_id AS "blockedId", version FROM blocks
WHERE in_force AND (user_id, blocked_id) > ($1, $2) ORDER BY user_id, blocked_id LIMIT $3`,
    [userId, blockedId, limit],
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
