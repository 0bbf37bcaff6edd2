import type pg from 'pg'
import { withTransaction } from '../postgres.ts'
import { longestReason, type ParkedItem, type ParkedStore } from './parked.ts'

/** A pool, or a connection in the middle of a transaction. */
type Database = Pick<pg.ClientBase, 'query'>

/** Inserts an item into the table `parked`, with the data for a retry. The same id replaces it. */
export async function park(
  db: Database,
  { kind, id, data, reason }: { kind: string; id: string; data: object; reason: string },
): Promise<void> {
  await db.query(
    `INSERT INTO parked (kind, id, data, reason) VALUES ($1, $2, $3, $4)
ON CONFLICT (kind, id) DO UPDATE SET data = excluded.data, reason = excluded.reason, parked_at = now()`,
    [kind, id, JSON.stringify(data), reason.slice(0, longestReason)],
  )
}

export interface ParkedTableOptions<D> {
  pool: pg.Pool
  kind: string
  /** Days until an item is deleted; without it an operator decides. */
  keptDays?: number
  /** What the item is, in words for an operator; none of what people wrote. */
  describe: (data: D) => string
  /** Does the work again, in the transaction that deletes the row. */
  retry: (tx: pg.PoolClient, data: D) => Promise<void>
}

/** The items of one kind in the table `parked`. */
export function parkedTable<D extends object>(options: ParkedTableOptions<D>): ParkedStore {
  const { pool, kind, keptDays, describe, retry } = options
  const take = async (tx: Database, id: string) => {
    const { rows } = await tx.query<{ data: string }>(
      'DELETE FROM parked WHERE kind = $1 AND id = $2 RETURNING data',
      [kind, id],
    )
    return rows[0]
  }
  return {
    kind,
    async count() {
      if (keptDays !== undefined)
        await pool.query(
          'DELETE FROM parked WHERE kind = $1 AND parked_at < now() - make_interval(days => $2)',
          [kind, keptDays],
        )
      const { rows } = await pool.query<{ count: number }>(
        'SELECT count(*)::int AS count FROM parked WHERE kind = $1',
        [kind],
      )
      return rows[0]?.count ?? 0
    },
    async list(most) {
      const { rows } = await pool.query<{ id: string; data: string; reason: string; at: Date }>(
        'SELECT id, data, reason, parked_at AS at FROM parked WHERE kind = $1 ORDER BY parked_at LIMIT $2',
        [kind, most],
      )
      return rows.map(
        ({ id, data, reason, at }): ParkedItem => ({
          ...{ kind, id, reason, at: at.toISOString() },
          what: describe(JSON.parse(data) as D),
        }),
      )
    },
    retry: (id) =>
      withTransaction(pool, async (tx) => {
        const taken = await take(tx, id)
        if (taken) await retry(tx, JSON.parse(taken.data) as D)
        return taken !== undefined
      }),
    drop: async (id) => (await take(pool, id)) !== undefined,
  }
}
