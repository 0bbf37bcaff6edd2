import type { UsersContext } from '../context.ts'
import { readTargetKey } from './target-key.ts'

/** Forgets devices by the names of their targets; one that was set anew meanwhile has another name, and stays. */
export async function forgetPushDevices({ pool }: UsersContext, names: readonly string[]): Promise<void> {
  const targets = names.map(readTargetKey).filter((target) => target !== undefined)
  // Held in one order, so that two who were told the same at once do not wait for each other.
  await pool.query(
    `WITH gone AS (
  SELECT d.user_id, d.id FROM unnest($1::bytea[], $2::timestamptz[]) AS w (target_key, updated_at)
  JOIN devices d ON d.target_key = w.target_key AND d.updated_at = w.updated_at
  ORDER BY d.target_key FOR UPDATE OF d
)
DELETE FROM devices d USING gone WHERE d.user_id = gone.user_id AND d.id = gone.id`,
    [targets.map(({ targetKey }) => targetKey), targets.map(({ updatedAt }) => updatedAt)],
  )
}
