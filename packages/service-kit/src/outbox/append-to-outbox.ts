import { crc32 } from 'node:zlib'
import { currentRequestId } from '../logger/request-context.ts'

/** The partition, from 0, that a key always falls into. */
export function partitionOf(key: string, count: number): number {
  return crc32(key) % count
}

/** A transaction to write in: of `pg`, or of Prisma. */
export type OutboxTransaction =
  | { query(text: string, values: unknown[]): Promise<unknown> }
  | { $executeRawUnsafe(text: string, ...values: unknown[]): PromiseLike<unknown> }

export interface OutboxEntry {
  /** The entity of the event; events of one key are published in the order of their commits. */
  key: string
  type: string
  /** The event as JSON text. */
  payload: string
}

const insert = `INSERT INTO outbox (partition, key, type, payload, request_id)
SELECT partition, key, type, payload, $5
FROM unnest($1::smallint[], $2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS entry (partition, key, type, payload, ordinal)
ORDER BY ordinal`

/**
 * Inserts events in the transaction that makes them true, in one statement. Hold the row lock of
 * each key's entity: only then is the order of ids the order of commits. Returns the partitions
 * with which to wake the relay after the commit.
 */
export async function appendToOutbox(
  tx: OutboxTransaction,
  entries: readonly OutboxEntry[],
  partitions: number,
): Promise<number[]> {
  if (entries.length === 0) return []
  const entryPartitions = entries.map(({ key }) => partitionOf(key, partitions))
  const values = [
    entryPartitions,
    entries.map(({ key }) => key),
    entries.map(({ type }) => type),
    entries.map(({ payload }) => payload),
    currentRequestId() ?? null,
  ]
  if ('query' in tx) await tx.query(insert, values)
  else await tx.$executeRawUnsafe(insert, ...values)
  return [...new Set(entryPartitions)]
}
