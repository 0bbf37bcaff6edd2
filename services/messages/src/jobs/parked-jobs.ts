import type { ParkedItem, ParkedStore } from '@finnigram/service-kit'
import type pg from 'pg'

/** Long work that kept failing. A retry goes on where it stopped. */
export const parkedJobs = (pool: pg.Pool): ParkedStore => ({
  kind: 'job',
  async count() {
    const { rows } = await pool.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM jobs WHERE parked_at IS NOT NULL',
    )
    return rows[0]?.count ?? 0
  },
  async list(most) {
    const { rows } = await pool.query<Record<'id' | 'kind' | 'subject' | 'reason', string> & { at: Date }>(
      `SELECT id, kind, subject, coalesce(reason, '') AS reason, parked_at AS at FROM jobs
WHERE parked_at IS NOT NULL ORDER BY parked_at LIMIT $1`,
      [most],
    )
    return rows.map(
      ({ id, kind, subject, reason, at }): ParkedItem => ({
        ...{ kind: 'job', id, reason, at: at.toISOString() },
        what: `${kind} of ${subject}`,
      }),
    )
  },
  retry: async (id) =>
    (await changeOne(pool, id, `UPDATE jobs SET parked_at = NULL, attempts = 0, due_at = now()`)) === 1,
  drop: async (id) => (await changeOne(pool, id, 'DELETE FROM jobs')) === 1,
})

async function changeOne(pool: pg.Pool, id: string, change: string): Promise<number> {
  const { rowCount } = await pool.query(`${change} WHERE id::text = $1 AND parked_at IS NOT NULL`, [id])
  return rowCount ?? 0
}
