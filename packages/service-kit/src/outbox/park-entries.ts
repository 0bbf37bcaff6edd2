import type pg from 'pg'
import { isOvertime, isUnavailable } from '../errors.ts'
import type { ParkedStore } from '../parked/parked.ts'
import { parkedTable } from '../parked/parked-table.ts'
import { isFenced, type Publisher } from './publish-entries.ts'
import { hasBegun, type OutboxRound, takeAtMost, takeEntries } from './take-entries.ts'

/** Tries of the first row of a round before it is parked. */
const parkAfter = 6
/** A round after one that failed is so much smaller: after the fourth it is a single row. */
const shrinksBy = 8
/** On larger entries Redis may close the connection, which looks as if it were away. */
const largest = 8 * 1024 * 1024

interface CarefulOptions {
  pool: pg.Pool
  publisher: Publisher
  /** Why the last round failed by its rows, if it did. */
  lastFailure: string | undefined
  onParked: (row: { id: string; reason: string }) => void
}

/**
 * Moves a round whose first row may be a poison message: one that fails every round, or ends its
 * process. Each failure makes the next round smaller, until the first row is alone and is parked.
 * A try is counted before it begins and in a transaction of its own, so that a crash counts, too.
 */
export async function moveCarefully(
  { pool, publisher, lastFailure, onParked }: CarefulOptions,
  round: OutboxRound,
): Promise<{ moved: number; isMore: boolean }> {
  const { most, first, hopeless } = await countTry(pool, round)
  if (first && hopeless !== undefined) {
    const reason = lastFailure ?? hopeless
    await parkEntry(pool, first.id, reason)
    onParked({ id: first.id, reason })
    return { moved: 0, isMore: true }
  }
  try {
    return await takeEntries(pool, { ...round, most }, publisher)
  } catch (error) {
    if (first && !isRowFault(error)) await uncountTry(pool, first.id).catch(() => {})
    throw error
  }
}

/** Whether a round failed by its rows, not because something is away or this relay stood still. */
export const isRowFault = (error: unknown): boolean =>
  !isFenced(error) && hasBegun(error) && (!isUnavailable(error) || isOvertime(error))

interface FirstRow {
  id: string
  tries: number
  bytes: number
}

/** How many rows to try together, or why the first of them is hopeless. */
async function countTry(
  pool: pg.Pool,
  { partitions, above }: OutboxRound,
): Promise<{ most: number; first?: FirstRow; hopeless?: string | undefined }> {
  const { rows } = await pool.query<FirstRow>(
    `UPDATE outbox SET tries = tries + 1 WHERE id = (
  SELECT id FROM outbox WHERE id > $2 AND partition = ANY($1::smallint[]) ORDER BY id LIMIT 1
) RETURNING id::text, tries - 1 AS tries, octet_length(payload) AS bytes`,
    [partitions, above.toString()],
  )
  const [first] = rows
  if (!first) return { most: takeAtMost }
  const most = Math.max(1, Math.floor(takeAtMost / shrinksBy ** Math.min(first.tries, parkAfter)))
  return { most, first, hopeless: whyHopeless(first) }
}

function whyHopeless({ tries, bytes }: FirstRow): string | undefined {
  if (bytes > largest) return `It is too large to publish: ${bytes} bytes`
  return tries >= parkAfter ? 'The process ended while publishing it' : undefined
}

/** Takes back a try that failed because something is away. */
async function uncountTry(pool: pg.Pool, id: string): Promise<void> {
  await pool.query('UPDATE outbox SET tries = greatest(0, tries - 1) WHERE id = $1', [id])
}

/**
 * Moves a row to the table `parked`. Devices notice the gap in `version` and sync what is missing.
 */
async function parkEntry(pool: pg.Pool, id: string, reason: string): Promise<void> {
  await pool.query(
    `WITH taken AS (DELETE FROM outbox WHERE id = $1 RETURNING *)
INSERT INTO parked (kind, id, data, reason)
SELECT 'outbox', id::text, json_build_object('partition', partition, 'key', key, 'type', type, 'payload', payload,
  'requestId', request_id)::text, $2 FROM taken
ON CONFLICT (kind, id) DO NOTHING`,
    [id, reason],
  )
}

type OutboxData = Record<'key' | 'type' | 'payload', string> & { partition: number; requestId: string | null }

/** The parked rows of an outbox. A retry publishes one behind everything that waits. */
export const parkedOutbox = (pool: pg.Pool): ParkedStore =>
  parkedTable<OutboxData>({
    pool,
    kind: 'outbox',
    // They hold what people write, and devices have synced what they miss long before.
    keptDays: 30,
    describe: ({ type, key }) => `${type} of ${key}`,
    async retry(tx, { partition, key, type, payload, requestId }) {
      await tx.query(
        'INSERT INTO outbox (partition, key, type, payload, request_id) VALUES ($1, $2, $3, $4, $5)',
        [partition, key, type, payload, requestId],
      )
    },
  })
