import type { RouteQuery, RouteReply, usersApi } from '@finnigram/contracts'
import { Instant, UserId } from '@finnigram/contracts'
import { type Actor, AppError, fromCursor, toCursor } from '@finnigram/service-kit'
import type pg from 'pg'
import { z } from 'zod'
import { requireSession } from '../auth/sessions.ts'
import type { UsersContext } from '../context.ts'
import type { Tell } from '../transaction-with-outbox.ts'
import { commitFacts } from '../transaction-with-outbox.ts'
import type { UserRow } from './user-row.ts'
import { userColumns } from './user-row.ts'
import { toPublicUser } from './user-views.ts'

/** More than anyone blocks by hand. */
const mostBlocks = 10_000

/** Blocks a person, also one who blocked the caller first; once more changes nothing. Throws `not_found`, and `conflict` for oneself or one block too many. */
export async function blockPerson(ctx: UsersContext, actor: Actor, blockedId: string): Promise<void> {
  const { userId } = actor
  if (blockedId === userId) throw new AppError('conflict', { detail: 'You cannot block yourself' })
  await commitFacts(ctx, async (tx, tell) => {
    await requireSession(tx, actor)
    await requirePeople(tx, [userId, blockedId])
    const version = await putInForce(tx, userId, blockedId)
    if (version === undefined) return
    await requireRoom(tx, userId)
    tell(userId, 'block.changed', { userId, blockedId, isBlocked: true, version })
  })
}

/** Neither account can end before the block is committed: a deletion finds it and takes it back. */
async function requirePeople(tx: pg.PoolClient, ids: string[]): Promise<void> {
  const { rows } = await tx.query<{ isGone: boolean }>(
    'SELECT deleted_at IS NOT NULL AS "isGone" FROM users WHERE id = ANY ($1::uuid[]) ORDER BY id FOR SHARE',
    [ids],
  )
  if (rows.length < ids.length || rows.some(({ isGone }) => isGone)) throw new AppError('not_found')
}

/** The version of the block; undefined where it was in force already. */
async function putInForce(tx: pg.PoolClient, userId: string, blockedId: string): Promise<number | undefined> {
  const { rows } = await tx.query<{ version: number }>(
    `INSERT INTO blocks (user_id, blocked_id) VALUES ($1, $2)
ON CONFLICT (user_id, blocked_id) DO UPDATE SET in_force = true, version = blocks.version + 1, at = now()
WHERE NOT blocks.in_force
RETURNING version`,
    [userId, blockedId],
  )
  return rows[0]?.version
}

async function requireRoom(tx: pg.PoolClient, userId: string): Promise<void> {
  const { rows } = await tx.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM blocks WHERE user_id = $1 AND in_force',
    [userId],
  )
  if ((rows[0]?.count ?? 0) > mostBlocks)
    throw new AppError('conflict', { detail: `You cannot block more than ${mostBlocks} people` })
}

type Page = typeof usersApi.listBlocks

const Place = z.tuple([Instant, UserId])
const newest = ['infinity', '00000000-0000-0000-0000-000000000000']

/**
 * Whom the caller blocked, the last one first; neither when they were last seen nor what they write
 * about themselves is said.
 */
export async function listBlocks(
  { pool }: Pick<UsersContext, 'pool'>,
  actor: Actor,
  { limit, cursor }: RouteQuery<Page>,
): Promise<RouteReply<Page>> {
  await requireSession(pool, actor)
  const [at, id] = cursor === undefined ? newest : fromCursor(Place, cursor, 'query.cursor')
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

/** Takes a block back; the row stays, because the next block of this pair needs a higher version. Nothing happens where there is none. */
export async function unblockPerson(ctx: UsersContext, actor: Actor, blockedId: string): Promise<void> {
  const { userId } = actor
  await commitFacts(ctx, async (tx, tell) => {
    await requireSession(tx, actor)
    const { rows } = await tx.query<{ version: number }>(
      `UPDATE blocks SET in_force = false, version = version + 1, at = now()
WHERE user_id = $1 AND blocked_id = $2 AND in_force RETURNING version`,
      [userId, blockedId],
    )
    for (const { version } of rows)
      tell(userId, 'block.changed', { userId, blockedId, isBlocked: false, version })
  })
}

/** A condition on `users AS u`: neither they nor `me`, an SQL expression such as `$1`, blocked the other. Two look-ups by index. */
export const notBlocked = (me: string): string =>
  `NOT EXISTS (SELECT FROM blocks b WHERE b.user_id = ${me} AND b.blocked_id = u.id AND b.in_force)
  AND NOT EXISTS (SELECT FROM blocks b WHERE b.user_id = u.id AND b.blocked_id = ${me} AND b.in_force)`

interface Dropped {
  userId: string
  blockedId: string
  inForce: boolean
  version: number
}

/** Forgets whom a person blocked and who blocked them, for an account that is deleted; what was in force is told to be no longer. */
export async function dropBlocks(tx: pg.PoolClient, userId: string, tell: Tell): Promise<void> {
  // In one order for all: two accounts that block each other may end at the same moment.
  await tx.query(
    'SELECT FROM blocks WHERE user_id = $1 OR blocked_id = $1 ORDER BY user_id, blocked_id FOR UPDATE',
    [userId],
  )
  const { rows } = await tx.query<Dropped>(
    `DELETE FROM blocks WHERE user_id = $1 OR blocked_id = $1
RETURNING user_id AS "userId", blocked_id AS "blockedId", in_force AS "inForce", version`,
    [userId],
  )
  for (const { inForce, version, ...pair } of rows) {
    if (inForce) tell(pair.userId, 'block.changed', { ...pair, isBlocked: false, version: version + 1 })
  }
}
