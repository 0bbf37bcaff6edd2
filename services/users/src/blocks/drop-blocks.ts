import type pg from 'pg'
import type { Tell } from '../transaction-with-outbox.ts'

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
