import type { Snapshot } from '../conversations/load-conversations.ts'

/** Of these people, whom the person blocked or by whom the person is blocked. */
export async function findBlocked(
  tx: Snapshot,
  userId: string,
  others: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await tx.query<{ id: string }>({
    name: 'find-blocked',
    text: `SELECT blocked_id AS id FROM blocks WHERE user_id = $1 AND blocked_id = ANY($2::uuid[]) AND in_force
UNION
SELECT user_id FROM blocks WHERE user_id = ANY($2::uuid[]) AND blocked_id = $1 AND in_force`,
    values: [userId, others],
  })
  return new Set(rows.map(({ id }) => id))
}
