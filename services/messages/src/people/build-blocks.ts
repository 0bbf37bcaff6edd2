import { usersApi } from '@finnigram/contracts'
import { withTransaction } from '@finnigram/service-kit'
import type pg from 'pg'
import { pairKeyOf } from '../conversations/pair-key.ts'
import { holdMarkers } from '../markers/freeze-read-receipts.ts'
import type { ReplicaSources } from './build-profile-copy.ts'
import { copyBlocks } from './copy-blocks.ts'

/** Versions of the blocks this copy holds to be in force, by pair. */
type Held = Map<string, { userId: string; blockedId: string; version: number }>

/** Copies every block from the users service; what the copy holds and the snapshot does not was taken back meanwhile. Returns how many are in force. */
export async function buildBlocks({ pool, users }: Pick<ReplicaSources, 'pool' | 'users'>): Promise<number> {
  const held = await readHeld(pool)
  let after: string | null | undefined
  let count = 0
  while (after !== null) {
    const query = after === undefined ? {} : { after }
    const { items, nextAfter } = await users.call(usersApi.snapshotBlocks, { query })
    await copyBlocks(
      pool,
      items.map((item) => ({ isBlocked: true, ...item })),
    )
    for (const item of items) held.delete(keyOf(item))
    count += items.length
    after = nextAfter
  }
  await takeBack(pool, held)
  return count
}

const keyOf = ({ userId, blockedId }: { userId: string; blockedId: string }) => `${userId}:${blockedId}`

async function readHeld(pool: pg.Pool): Promise<Held> {
  const { rows } = await pool.query<{ userId: string; blockedId: string; version: number }>(
    'SELECT user_id AS "userId", blocked_id AS "blockedId", version FROM blocks WHERE in_force',
  )
  return new Map(rows.map((row) => [keyOf(row), row]))
}

/** A pair of which something newer was heard since the copy was read stays as it was heard. */
async function takeBack(pool: pg.Pool, held: Held): Promise<void> {
  if (held.size === 0) return
  await withTransaction(pool, async (tx) => {
    const { rows } = await tx.query<{ userId: string; blockedId: string }>(
      `UPDATE blocks b SET in_force = false
FROM jsonb_to_recordset($1) AS r ("userId" uuid, "blockedId" uuid, version int)
WHERE b.user_id = r."userId" AND b.blocked_id = r."blockedId" AND b.version = r.version
RETURNING b.user_id AS "userId", b.blocked_id AS "blockedId"`,
      [JSON.stringify([...held.values()])],
    )
    await holdMarkers(
      tx,
      rows.map(({ userId, blockedId }) => pairKeyOf(userId, blockedId)),
    )
  })
}
