import type pg from 'pg'

const begin = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'

export interface SnapshotOptions {
  /**
   * Whether the named statements in it are planned once for a connection instead of each time: for those whose good
   * plan is the same whatever they are asked with. PostgreSQL takes arrays to be longer than they are, finds the plan for
   * any of them dearer than one made for this one, and spends half of its time on making it.
   */
  keepsPlans?: boolean
}

/**
 * Runs reads that must agree with one another: all of them see the database as it was at the first. Reads that do not
 * need each other's answers are best asked together: they cost one round trip.
 */
export async function withSnapshot<T>(
  pool: pg.Pool,
  read: (tx: pg.PoolClient) => Promise<T>,
  { keepsPlans = false }: SnapshotOptions = {},
): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    const begun = client.query(
      keepsPlans ? `${begin}; SET LOCAL plan_cache_mode = force_generic_plan` : begin,
    )
    const [answer] = await Promise.all([read(client), begun])
    return answer
  } finally {
    await client.query('COMMIT').catch((cause) => {
      broken = new Error('The connection is lost', { cause })
    })
    client.release(broken)
  }
}
