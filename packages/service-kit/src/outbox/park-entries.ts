import type pg from 'pg'
import type { ParkedStore } from '../parked/parked.ts'
import { parkedTable } from '../parked/parked-table.ts'
import { type OutboxRound, takeAtMost } from './take-entries.ts'

/** Tries of the first row of a round before it is parked. */
const parkAfter = 6
/** A round after one that failed is so much smaller: after the fourth it is a single row. */
const shrinksBy = 8
/** Larger entries Redis may answer by closing the connection, which looks as if it were away. */
const largest = 8 * 1024 * 1024

type OutboxData = Record<'key' | 'type' | 'payload', string> & { partition: number; requestId: string | null }

interface First {
  id: string
  tries: number
  bytes: number
}

/**
 * Before a round of rows that have waited for long, or with which a round has failed: counts a try of the first of them,
 * in a transaction of its own, so that one that takes its process along is counted, too. Answers how many rows to try
 * together, or that the first was tried too often.
 */
export async function beginCarefully(
  pool: pg.Pool,
  { partitions, above }: OutboxRound,
): Promise<{ most: number; firstId: string | undefined; hopeless: string | undefined }> {
  const { rows } = await pool.query<First>(
    `UPDATE outbox SET tries = tries + 1 WHERE id = (
  SELECT id FROM outbox WHERE id > $2 AND partition = ANY($1::smallint[]) ORDER BY id LIMIT 1
) RETURNING id::text, tries - 1 AS tries, octet_length(payload) AS bytes`,
    [partitions, above.toString()],
  )
  const [first] = rows
  if (!first) return { most: takeAtMost, firstId: undefined, hopeless: undefined }
  const most = Math.max(1, Math.floor(takeAtMost / shrinksBy ** Math.min(first.tries, parkAfter)))
  return { most, firstId: first.id, hopeless: whyHopeless(first) }
}

function whyHopeless({ tries, bytes }: First): string | undefined {
  if (bytes > largest) return `It is too large to publish: ${bytes} bytes`
  return tries >= parkAfter ? 'The process ended while publishing it' : undefined
}

/** Takes back a try that failed because something is away. */
export async function uncountTry(pool: pg.Pool, firstId: string): Promise<void> {
  await pool.query('UPDATE outbox SET tries = greatest(0, tries - 1) WHERE id = $1', [firstId])
}

/** Sets a row aside. Devices that miss it notice by the next version of its conversation, and ask for what is between. */
export async function parkEntry(pool: pg.Pool, id: string, reason: string): Promise<void> {
  await pool.query(
    `WITH taken AS (DELETE FROM outbox WHERE id = $1 RETURNING *)
INSERT INTO parked (kind, id, data, reason)
SELECT 'outbox', id::text, json_build_object('partition', partition, 'key', key, 'type', type, 'payload', payload,
  'requestId', request_id)::text, $2 FROM taken
ON CONFLICT (kind, id) DO NOTHING`,
    [id, reason],
  )
}

/** What a service could not publish. A retry publishes it behind everything that waits. */
export const parkedOutbox = (pool: pg.Pool): ParkedStore =>
  parkedTable<OutboxData>({
    pool,
    kind: 'outbox',
    // They hold what people write; devices have asked for what they miss long since.
    keptDays: 30,
    describe: ({ type, key }) => `${type} of ${key}`,
    async retry(tx, { partition, key, type, payload, requestId }) {
      await tx.query(
        'INSERT INTO outbox (partition, key, type, payload, request_id) VALUES ($1, $2, $3, $4, $5)',
        [partition, key, type, payload, requestId],
      )
    },
  })
