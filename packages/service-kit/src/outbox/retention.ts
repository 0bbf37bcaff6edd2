import type pg from 'pg'

/** Longer than a failover takes to be noticed by every node. */
const keptForSeconds = 120
/** A relay that was away has more to forget than one statement should. */
const atMost = 100_000

const forget = {
  name: 'forget-sent',
  text: `DELETE FROM outbox_sent WHERE ctid = ANY(ARRAY(
  SELECT ctid FROM outbox_sent
  WHERE token <= (SELECT max(token) FROM outbox_sent WHERE sent_at < now() - interval '${keptForSeconds} seconds')
  ORDER BY token LIMIT ${atMost}
))`,
}

const oldest = {
  name: 'oldest-sent',
  text: `SELECT coalesce(extract(epoch FROM now() - sent_at), 0)::float8 AS seconds
FROM outbox_sent ORDER BY token LIMIT 1`,
}

/** Forgets what was published longer ago than two minutes. Returns the age of the oldest that is left, in seconds. */
export async function forgetSent(pool: pg.Pool): Promise<number> {
  await pool.query(forget)
  const { rows } = await pool.query<{ seconds: number }>(oldest)
  return rows[0]?.seconds ?? 0
}
