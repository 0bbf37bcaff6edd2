import type pg from 'pg'

const begin = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'

export interface SnapshotOptions {
  /**
   * Plans each named statement once per connection, for statements whose good plan is always the
   * same. Otherwise PostgreSQL overestimates the length of arrays, prefers a custom plan for every
   * call, and spends half of its time on planning.
   */
  keepsPlans?: boolean
}

/**
 * Runs reads in one snapshot: all of them see the database as it was at the first. Start
 * independent reads together, so that they cost one round trip.
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
