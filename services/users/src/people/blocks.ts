import { Instant, type RouteQuery, type RouteReply, UserId, type usersApi } from '@finnigram/contracts'
import { type Actor, AppError, fromCursor, toCursor } from '@finnigram/service-kit'
import type pg from 'pg'
import { z } from 'zod'
import { requireSession } from '../auth/sessions.ts'
import type { WithPool } from '../deps.ts'
import { type Emit, type TransactionDeps, transactionWithOutbox } from '../transaction-with-outbox.ts'
import { type UserRow, userColumns } from './user-row.ts'
import { toPublicUser } from './user-views.ts'

/** More than anyone blocks by hand. */
const mostBlocks = 10_000

/**
 * Blocks a user. Repeating it changes nothing. Throws `not_found`, and `conflict` for oneself or
 * too many blocks.
 */
export async function blockPerson(ctx: TransactionDeps, actor: Actor, blockedId: string): Promise<void> {
  const { userId } = actor
  if (blockedId === userId) throw new AppError('conflict', { detail: 'You cannot block yourself' })
  await transactionWithOutbox(ctx, async (tx, emit) => {
    await requireSession(tx, actor)
    await lockUsers(tx, [userId, blockedId])
    const version = await upsertBlock(tx, userId, blockedId)
    if (version === undefined) return
    await requireBlockQuota(tx, userId)
    emit(userId, 'block.changed', { userId, blockedId, isBlocked: true, version })
  })
}

/** Locks both accounts, so that a concurrent deletion sees the block and removes it. */
async function lockUsers(tx: pg.PoolClient, ids: string[]): Promise<void> {
  const { rows } = await tx.query<{ isDeleted: boolean }>(
    'SELECT deleted_at IS NOT NULL AS "isDeleted" FROM users WHERE id = ANY ($1::uuid[]) ORDER BY id FOR SHARE',
    [ids],
  )
  if (rows.length < ids.length || rows.some(({ isDeleted }) => isDeleted)) throw new AppError('not_found')
}

/** The version of the block. Undefined if it was in force already. */
async function upsertBlock(
  tx: pg.PoolClient,
  userId: string,
  blockedId: string,
): Promise<number | undefined> {
  const { rows } = await tx.query<{ version: number }>(
    `INSERT INTO blocks (user_id, blocked_id) VALUES ($1, $2)
ON CONFLICT (user_id, blocked_id) DO UPDATE SET in_force = true, version = blocks.version + 1, at = now()
WHERE NOT blocks.in_force
RETURNING version`,
    [userId, blockedId],
  )
  return rows[0]?.version
}

async function requireBlockQuota(tx: pg.PoolClient, userId: string): Promise<void> {
  const { rows } = await tx.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM blocks WHERE user_id = $1 AND in_force',
    [userId],
  )
  if ((rows[0]?.count ?? 0) > mostBlocks)
    throw new AppError('conflict', { detail: `You cannot block more than ${mostBlocks} people` })
}

type Page = typeof usersApi.listBlocks

const BlockCursor = z.tuple([Instant, UserId])
const newest = ['infinity', '00000000-0000-0000-0000-000000000000']

/** Whom the caller blocked, the last one first, without bio and last-seen time. */
export async function listBlocks(
  { pool }: WithPool,
  actor: Actor,
  { limit, cursor }: RouteQuery<Page>,
): Promise<RouteReply<Page>> {
  await requireSession(pool, actor)
  const [at, id] = cursor === undefined ? newest : fromCursor(BlockCursor, cursor, 'query.cursor')
  const { rows } = await pool.query<UserRow & { blockedAt: Date }>(
    `SELECT ${userColumns}, b.at AS "blockedAt" FROM blocks b JOIN users u ON u.id = b.blocked_id
WHERE b.user_id = $1 AND b.in_force AND (b.at, b.blocked_id) < ($2, $3)
ORDER BY b.at DESC, b.blocked_id DESC LIMIT $4`,
    [actor.userId, at, id, limit + 1],
  )
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    items: page.map((row) => ({ ...toPublicUser(row), bio: '' })),
    nextCursor: last && rows.length > limit ? toCursor([last.blockedAt.toISOString(), last.id]) : null,
  }
}

/** Removes a block. The row stays, because the next block of this pair needs a higher version. */
export async function unblockPerson(ctx: TransactionDeps, actor: Actor, blockedId: string): Promise<void> {
  const { userId } = actor
  await transactionWithOutbox(ctx, async (tx, emit) => {
    await requireSession(tx, actor)
    const { rows } = await tx.query<{ version: number }>(
      `UPDATE blocks SET in_force = false, version = version + 1, at = now()
WHERE user_id = $1 AND blocked_id = $2 AND in_force RETURNING version`,
      [userId, blockedId],
    )
    for (const { version } of rows)
      emit(userId, 'block.changed', { userId, blockedId, isBlocked: false, version })
  })
}

/**
 * SQL condition on `users AS u`: neither `u` nor `me` (an expression such as `$1`) blocked the
 * other.
 */
export const notBlocked = (me: string): string =>
  `NOT EXISTS (SELECT FROM blocks b WHERE b.user_id = ${me} AND b.blocked_id = u.id AND b.in_force)
  AND NOT EXISTS (SELECT FROM blocks b WHERE b.user_id = u.id AND b.blocked_id = ${me} AND b.in_force)`

interface DeletedBlock {
  userId: string
  blockedId: string
  inForce: boolean
  version: number
}

/**
 * Deletes all blocks by and of a user whose account is deleted, and emits the end of those in
 * force.
 */
export async function deleteBlocks(tx: pg.PoolClient, userId: string, emit: Emit): Promise<void> {
  // Locked in one order: two users who block each other may delete their accounts at once.
  await tx.query(
    'SELECT FROM blocks WHERE user_id = $1 OR blocked_id = $1 ORDER BY user_id, blocked_id FOR UPDATE',
    [userId],
  )
  const { rows } = await tx.query<DeletedBlock>(
    `DELETE FROM blocks WHERE user_id = $1 OR blocked_id = $1
RETURNING user_id AS "userId", blocked_id AS "blockedId", in_force AS "inForce", version`,
    [userId],
  )
  for (const { inForce, version, ...pair } of rows) {
    if (inForce) emit(pair.userId, 'block.changed', { ...pair, isBlocked: false, version: version + 1 })
  }
}
