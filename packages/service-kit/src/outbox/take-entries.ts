import type pg from 'pg'
import type { OutboxRow } from './publish-entries.ts'

/** First half of the advisory lock's key: "outb" in ASCII; the second half is the partition. */
const lockClass = 0x6f757462
/** Rows of one round, and bytes of what they say: bounds memory and how long a transaction lasts. */
export const takeAtMost = 1000
const bytesAtMost = 4 * 1024 * 1024

/** Where a round takes rows from. */
export interface OutboxRound {
  partitions: readonly number[]
  /** Nothing at or below this id is looked at. */
  above: bigint
}

const take = {
  name: 'take-outbox',
  text: `WITH taken AS (
  DELETE FROM outbox
  WHERE id = ANY(ARRAY(
    SELECT id FROM (
      SELECT id, sum(octet_length(payload)) OVER (ORDER BY id) - octet_length(payload) AS before FROM (
        SELECT id, payload FROM outbox WHERE id > $2 AND partition = ANY($1::smallint[]) ORDER BY id LIMIT $3
      ) oldest
    ) sized WHERE before < ${bytesAtMost}
  ))
  RETURNING id, partition, key, type, payload, request_id
)
SELECT * FROM taken ORDER BY id`,
}

/**
 * Takes the oldest rows of the partitions out of the outbox and hands them, in order of id, to `publish`; they are gone
 * only when that succeeds. Returns how many there were, and whether more may wait. Nothing at or below the id `above` is looked at.
 *
 * The locks come first, in ascending order, in a statement of their own: what is deleted next then sees everything
 * committed before, and no other relay can be publishing these partitions. Losing the deletion in a crash of PostgreSQL
 * publishes the rows once more, which at-least-once allows, so the commit need not wait for the disk.
 */
export async function takeEntries(
  pool: pg.Pool,
  { partitions, above, most = takeAtMost }: OutboxRound & { most?: number },
  publish: (rows: readonly OutboxRow[]) => Promise<void>,
): Promise<{ moved: number; isMore: boolean }> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query(begin(partitions))
    const { rows } = await client.query<OutboxRow>({ ...take, values: [partitions, above.toString(), most] })
    if (rows.length > 0) await publish(rows)
    await client.query('COMMIT')
    const bytes = rows.reduce((sum, { payload }) => sum + Buffer.byteLength(payload), 0)
    return { moved: rows.length, isMore: rows.length === most || bytes >= bytesAtMost }
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

/** The planner, which knows a table of this kind only as empty or as bloated, is told to use the index. */
const settings = ['synchronous_commit', 'enable_seqscan', 'enable_bitmapscan'].map(
  (name) => `set_config('${name}', 'off', true)`,
)

function begin(partitions: readonly number[]): string {
  const locks = partitions
    .toSorted((a, b) => a - b)
    .map((partition) => `pg_advisory_xact_lock(${lockClass}, ${Math.trunc(partition)})`)
  return `BEGIN; SELECT ${[...settings, ...locks].join(', ')}`
}
