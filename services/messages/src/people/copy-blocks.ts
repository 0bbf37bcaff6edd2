import type { Marker, UserEventData } from '@finnigram/contracts'
import { usersApi } from '@finnigram/contracts'
import { withTransaction } from '@finnigram/service-kit'
import type pg from 'pg'
import { pairKeyOf } from '../conversations/conversation-row.ts'
import { endInvitationsBetween } from '../conversations/invitations/end-invitations.ts'
import { holdMarkers } from '../markers/freeze-read-receipts.ts'
import type { ReplicaSources } from './build-profile-copy.ts'

/** That somebody blocked another, or took it back, at a version that grows with every such change of the pair. */
export type BlockChange = UserEventData['block.changed']

/** Takes blocks into the copy: in any order and any number of times, the newest of each pair stays. Answers the markers that the others see again. */
export async function copyBlocks(pool: pg.Pool, changes: readonly BlockChange[]): Promise<Marker[]> {
  if (changes.length === 0) return []
  const newest = new Map(
    changes
      .toSorted((a, b) => a.version - b.version)
      .map((change) => [`${change.userId}:${change.blockedId}`, change]),
  )
  return withTransaction(pool, async (tx) => {
    await holdPeople(
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
    return holdMarkers(
      tx,
      rows.map(({ userId, blockedId }) => pairKeyOf(userId, blockedId)),
    )
  })
}

/**
 * Whoever is just being invited is held, too (`sortByConsent`): it sees the block, or the block
 * sees the invitation.
 */
async function holdPeople(tx: pg.PoolClient, ids: readonly string[]): Promise<void> {
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
