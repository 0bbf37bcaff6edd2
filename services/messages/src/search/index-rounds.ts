import type pg from 'pg'
import type { RoundBounds } from './plan-round.ts'

/** What a round takes at most; a tenth of a second and some. */
const whole: RoundBounds = { queued: 500, messages: 2000, bytes: 262_144 }
/** A round after one that failed is so much smaller: the fourth takes a single message. */
const shrinksBy = 8
/** Rounds that fail in a row before the first message of the next is set aside. */
const parkAfter = 6

/** How much the next round takes, after so many that failed. */
export function boundsAfter(failures: number): RoundBounds {
  const share = shrinksBy ** Math.min(failures, parkAfter)
  const shareOf = (bound: number) => Math.max(1, Math.floor(bound / share))
  return { queued: shareOf(whole.queued), messages: shareOf(whole.messages), bytes: shareOf(whole.bytes) }
}

export const isHopeless = (failures: number): boolean => failures >= parkAfter

/** "sear" in ASCII: one process at a time makes blocks. */
const lock = 0x73656172

/** Whether the index is this process's until the transaction ends. */
export async function lockIndex(tx: pg.PoolClient): Promise<boolean> {
  const { rows } = await tx.query<{ isMine: boolean }>(
    `SELECT pg_try_advisory_xact_lock(${lock}) AS "isMine", set_config('synchronous_commit', 'off', true)`,
  )
  return rows[0]?.isMine ?? false
}

/**
 * Counts a round as failed before it begins, in a transaction of its own: one that takes its process along has failed,
 * too. Answers how many failed before, one after the other.
 */
export async function beginRound(pool: pg.Pool): Promise<{ failures: number; reason: string | null }> {
  const { rows } = await pool.query<{ failures: number; reason: string | null }>(
    'UPDATE search_rounds SET failures = failures + 1 RETURNING failures - 1 AS failures, reason',
  )
  return rows[0] ?? { failures: 0, reason: null }
}

/** A round went well: the next may take more again. */
export async function endRound(tx: pg.PoolClient, failures: number): Promise<void> {
  await tx.query('UPDATE search_rounds SET failures = $1, reason = NULL', [Math.max(0, failures - 1)])
}

/** Says why a round failed. What was no fault of its own does not count. */
export async function failRound(
  pool: pg.Pool,
  { reason, counts }: { reason: string; counts: boolean },
): Promise<void> {
  await pool.query('UPDATE search_rounds SET failures = greatest(0, failures - $1::int), reason = $2', [
    counts ? 0 : 1,
    reason,
  ])
}
