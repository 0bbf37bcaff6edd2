import type pg from 'pg'

/** What still waits in the outbox: in which partitions, how many rows (at most 10,000 are counted), how old the oldest is. */
export async function findWaiting(
  pool: pg.Pool,
): Promise<{ waiting: number[]; count: number; oldestSeconds: number }> {
  const { rows } = await pool.query<{ partition: number; count: number; age: number }>({
    name: 'find-waiting-outbox',
    text: `SELECT partition, count(*)::int AS count, extract(epoch FROM now() - min(created_at))::float8 AS age
FROM (SELECT partition, created_at FROM outbox ORDER BY id LIMIT 10000) AS oldest
GROUP BY partition`,
  })
  return {
    waiting: rows.map(({ partition }) => partition),
    count: rows.reduce((sum, { count }) => sum + count, 0),
    oldestSeconds: Math.max(0, ...rows.map(({ age }) => age)),
  }
}
