import { type Actor, AppError } from '@finnigram/service-kit'
import type pg from 'pg'
import { requireSession } from '../auth/require-session.ts'
import type { UsersContext } from '../context.ts'
import { commitFacts } from '../transaction-with-outbox.ts'

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
