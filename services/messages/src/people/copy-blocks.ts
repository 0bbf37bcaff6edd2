import { type Marker, type UserEventData, usersApi } from '@finnigram/contracts'
import { withTransaction } from '@finnigram/service-kit'
import type pg from 'pg'
import { pairKeyOf } from '../conversations/conversation-row.ts'
import { endInvitationsBetween } from '../conversations/invitations/end-invitations.ts'
import type { WithPool, WithUsers } from '../deps.ts'
import { freezeReadReceipts } from '../markers/freeze-read-receipts.ts'

/** A user blocked or unblocked another; the version grows with every change of the pair. */
export type BlockChange = UserEventData['block.changed']

/**
 * Upserts blocks where their version is newer, ends invitations across them, and freezes or
 * releases read receipts. Idempotent, in any order. Returns the markers that are visible again.
 */
export async function copyBlocks(pool: pg.Pool, changes: readonly BlockChange[]): Promise<Marker[]> {
  if (changes.length === 0) return []
  const newest = new Map(
    changes
      .toSorted((a, b) => a.version - b.version)
      .map((change) => [`${change.userId}:${change.blockedId}`, change]),
  )
  return withTransaction(pool, async (tx) => {
    await lockPeople(
      tx,
      changes.flatMap(({ userId, blockedId }) => [userId, blockedId]),
    )
    const { rows } = await tx.query<Pair & { inForce: boolean }>(store, [
      JSON.stringify([...newest.values()]),
    ])
    await endInvitationsBetween(
      tx,
      rows.filter(({ inForce }) => inForce),
    )
    return freezeReadReceipts(
      tx,
      rows.map(({ userId, blockedId }) => pairKeyOf(userId, blockedId)),
    )
  })
}

/**
 * `sortByConsent` locks the same rows: either it sees the block, or the block sees its invitation.
 */
async function lockPeople(tx: pg.PoolClient, ids: readonly string[]): Promise<void> {
  await tx.query('SELECT FROM users_replica WHERE id = ANY($1::uuid[]) ORDER BY id FOR SHARE', [
    [...new Set(ids)],
  ])
}

type Pair = Pick<BlockChange, 'userId' | 'blockedId'>

const store = `INSERT INTO blocks AS b (user_id, blocked_id, in_force, version)
SELECT "userId", "blockedId", "isBlocked", version
FROM jsonb_to_recordset($1) AS r ("userId" uuid, "blockedId" uuid, "isBlocked" boolean, version int)
ORDER BY "userId", "blockedId"
ON CONFLICT (user_id, blocked_id) DO UPDATE SET in_force = excluded.in_force, version = excluded.version
WHERE b.version < excluded.version
RETURNING user_id AS "userId", blocked_id AS "blockedId", in_force AS "inForce"`

/** The blocks in force in this copy, by pair. */
type StoredBlocks = Map<string, { userId: string; blockedId: string; version: number }>

/**
 * Copies every block from the snapshot of the users service, and retracts those that are missing in
 * it. Returns how many are in force.
 */
export async function copyAllBlocks({ pool, users }: WithPool & WithUsers): Promise<number> {
  const stored = await readStored(pool)
  let after: string | null | undefined
  let count = 0
  while (after !== null) {
    const query = after === undefined ? {} : { after }
    const { items, nextAfter } = await users.call(usersApi.snapshotBlocks, { query })
    await copyBlocks(
      pool,
      items.map((item) => ({ isBlocked: true, ...item })),
    )
    for (const item of items) stored.delete(keyOf(item))
    count += items.length
    after = nextAfter
  }
  await retractMissing(pool, stored)
  return count
}

const keyOf = ({ userId, blockedId }: { userId: string; blockedId: string }) => `${userId}:${blockedId}`

async function readStored(pool: pg.Pool): Promise<StoredBlocks> {
  const { rows } = await pool.query<{ userId: string; blockedId: string; version: number }>(
    'SELECT user_id AS "userId", blocked_id AS "blockedId", version FROM blocks WHERE in_force',
  )
  return new Map(rows.map((row) => [keyOf(row), row]))
}

/** A pair with a newer version stays: an event changed it meanwhile. */
async function retractMissing(pool: pg.Pool, stored: StoredBlocks): Promise<void> {
  if (stored.size === 0) return
  await withTransaction(pool, async (tx) => {
    const { rows } = await tx.query<{ userId: string; blockedId: string }>(
      `UPDATE blocks b SET in_force = false
FROM jsonb_to_recordset($1) AS r ("userId" uuid, "blockedId" uuid, version int)
WHERE b.user_id = r."userId" AND b.blocked_id = r."blockedId" AND b.version = r.version
RETURNING b.user_id AS "userId", b.blocked_id AS "blockedId"`,
      [JSON.stringify([...stored.values()])],
    )
    await freezeReadReceipts(
      tx,
      rows.map(({ userId, blockedId }) => pairKeyOf(userId, blockedId)),
    )
  })
}
