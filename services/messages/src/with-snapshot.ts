import type pg from 'pg'

/** Runs reads that must agree with one another: all of them see the database as it was at the first. */
export async function withSnapshot<T>(pool: pg.Pool, read: (tx: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    return await read(client)
  } finally {
    await client.query('COMMIT').catch((cause) => {
      broken = new Error('The connection is lost', { cause })
    })
    client.release(broken)
  }
}
