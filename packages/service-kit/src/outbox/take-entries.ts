import type pg from 'pg'
import type { OutboxRow, Publisher } from './publish-entries.ts'

/** First half of the advisory lock's key: "outb" in ASCII; the second half is the partition. */
const lockClass = 0x6f757462
/**
 * Rows of one round, and bytes of their payloads: bounds memory and the length of a transaction.
 */
export const takeAtMost = 1000
const bytesAtMost = 4 * 1024 * 1024

/** The rows that a round may take. */
export interface OutboxRound {
  partitions: readonly number[]
  /** Ids at or below this one are done. */
  above: bigint
}

const take = {
  name: 'take-outbox',
  text: `WITH round AS MATERIALIZED (SELECT pg_current_xact_id()::text::bigint AS token),
taken AS (
  DELETE FROM outbox
  WHERE id = ANY(ARRAY(
    SELECT id FROM (
      SELECT id, sum(octet_length(payload)) OVER (ORDER BY id) - octet_length(payload) AS before FROM (
        SELECT id, payload FROM outbox WHERE id > $2 AND partition = ANY($1::smallint[]) ORDER BY id LIMIT $3
      ) oldest
    ) sized WHERE before < ${bytesAtMost}
  ))
  RETURNING id, partition, key, type, payload, request_id
), kept AS (
  INSERT INTO outbox_sent (token, id, partition, key, type, payload, request_id)
  SELECT (SELECT token FROM round), id, partition, key, type, payload, request_id FROM taken
)
SELECT *, (SELECT token::text FROM round) AS token FROM taken ORDER BY id`,
}

/**
 * Moves the oldest rows of the partitions from `outbox` to `outbox_sent` and publishes them in
 * order of id, in one transaction. Returns how many there were, and whether more may wait.
 *
 * The locks come first, in ascending order, in a statement of their own: the next statement then
 * sees everything committed before, and no other relay publishes these partitions. A crash of
 * PostgreSQL that loses the move publishes the rows once more. At-least-once allows that, so the
 * commit need not wait for the disk.
 */
export async function takeEntries(
  pool: pg.Pool,
  { partitions, above, most = takeAtMost }: OutboxRound & { most?: number },
  publisher: Pick<Publisher, 'deadline' | 'publish'>,
): Promise<{ moved: number; isMore: boolean }> {
  return withPartitions(pool, partitions, async (client) => {
    const [{ rows }, deadline] = await Promise.all([
      client.query<OutboxRow & { token: string }>({ ...take, values: [partitions, above.toString(), most] }),
      publisher.deadline(),
    ])
    const [first] = rows
    if (first) await publisher.publish(rows, { token: first.token, deadline })
    const bytes = rows.reduce((sum, { payload }) => sum + Buffer.byteLength(payload), 0)
    return { moved: rows.length, isMore: rows.length === most || bytes >= bytesAtMost }
  })
}

const notBegun = new WeakSet<object>()

function noteNotBegun(error: unknown): never {
  if (typeof error === 'object' && error !== null) notBegun.add(error)
  throw error
}

/** Whether a round failed after it had its locks: a busy pool says nothing about rows. */
export const hasBegun = (error: unknown): boolean =>
  typeof error !== 'object' || error === null || !notBegun.has(error)

/** Runs `work` in a transaction in which no other relay publishes these partitions. */
export async function withPartitions<T>(
  pool: pg.Pool,
  partitions: readonly number[],
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect().catch(noteNotBegun)
  let broken: Error | undefined
  try {
    await client.query(begin(partitions)).catch(noteNotBegun)
    const result = await work(client)
    await client.query('COMMIT')
    return result
  } catch (error) {
    broken = await client.query('ROLLBACK').then(
      () => undefined,
      () => new Error('The connection is lost', { cause: error }),
    )
    throw error
  } finally {
    client.release(broken)
  }
}

/** The planner sees this table only empty or bloated, so the index is forced. */
const settings = ['synchronous_commit', 'enable_seqscan', 'enable_bitmapscan'].map(
  (name) => `set_config('${name}', 'off', true)`,
)

function begin(partitions: readonly number[]): string {
  const locks = partitions
    .toSorted((a, b) => a - b)
    .map((partition) => `pg_advisory_xact_lock(${lockClass}, ${Math.trunc(partition)})`)
  return `BEGIN; SELECT ${[...settings, ...locks].join(', ')}`
}
