import { AppError } from '@finnigram/service-kit'
import type pg from 'pg'

/** How long the lease of a process that died keeps others out, in seconds. */
const leaseSeconds = 60
const renewMs = 20_000

/** The right to send a person their export. */
export interface ExportLease {
  /** Gives it back; safe to call twice. */
  release(): Promise<void>
}

/** Takes the one export a person may have under way, over all nodes, and renews it until it is released. Throws `rate_limited` when there is another. */
export async function takeExportLease(pool: pg.Pool, userId: string): Promise<ExportLease> {
  const { rowCount } = await pool.query(
    `INSERT INTO exports (user_id, leased_until) VALUES ($1, now() + make_interval(secs => $2))
ON CONFLICT (user_id) DO UPDATE SET leased_until = excluded.leased_until WHERE exports.leased_until < now()`,
    [userId, leaseSeconds],
  )
  if (rowCount === 0)
    throw new AppError('rate_limited', {
      detail: 'Another export of yours is under way',
      retryAfter: leaseSeconds,
    })
  // One that could not be renewed ends by itself, and the next try may renew it.
  const renewing = setInterval(() => void renew(pool, userId).catch(() => {}), renewMs)
  renewing.unref()
  return {
    async release() {
      clearInterval(renewing)
      await pool.query('DELETE FROM exports WHERE user_id = $1', [userId])
    },
  }
}

const renew = (pool: pg.Pool, userId: string) =>
  pool.query('UPDATE exports SET leased_until = now() + make_interval(secs => $2) WHERE user_id = $1', [
    userId,
    leaseSeconds,
  ])
