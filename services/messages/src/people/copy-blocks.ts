import type { Marker, UserEventData } from '@finnigram/contracts'
import { withTransaction } from '@finnigram/service-kit'
import type pg from 'pg'
import { pairKeyOf } from '../conversations/pair-key.ts'
import { endInvitationsBetween } from '../conversations/invitations/end-invitations.ts'
import { holdMarkers } from '../markers/freeze-read-receipts.ts'

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
