import type pg from 'pg'
import type { OutboxRow, Publisher } from './publish-entries.ts'
import { withPartitions } from './take-entries.ts'

/** Rows of `outbox_sent`, in the order in which they were published. */
interface Sent {
  token: string
  id: string
}

const atOnce = 1000

const again = {
  name: 'publish-again',
  text: `WITH round AS MATERIALIZED (SELECT pg_current_xact_id()::text::bigint AS token),
lost AS (
  SELECT * FROM outbox_sent WHERE partition = $1 AND (token, id) >= ($2, $3) ORDER BY token, id LIMIT ${atOnce}
), kept AS (
  INSERT INTO outbox_sent (token, id, partition, key, type, payload, request_id)
  SELECT (SELECT token FROM round), id, partition, key, type, payload, request_id FROM lost
  ON CONFLICT DO NOTHING
)
SELECT id, partition, key, type, payload, request_id, token::text AS "sentIn", (SELECT token::text FROM round) AS token
FROM lost ORDER BY lost.token, lost.id`,
}

/**
 * Publishes again what a failover of Redis has lost. Per partition: everything of the last minutes
 * from the first missing event on, in the order of the first publication. Returns how many.
 *
 * A replica that took over lacks what was not replicated to it, and newer entries may follow. So
 * the streams themselves are read back and compared with `outbox_sent`.
 */
export async function publishAgain(
  pool: pg.Pool,
  { partitions, stream }: { partitions: number; stream: (partition: number) => string },
  publisher: Publisher,
): Promise<number> {
  const all = Array.from({ length: partitions }, (_, partition) => partition)
  return withPartitions(pool, all, async (client) => {
    const { rows } = await client.query<Sent & { partition: number }>(
      'SELECT partition, token::text, id::text FROM outbox_sent s ORDER BY s.token, s.id',
    )
    let count = 0
    for (const [partition, sent] of Map.groupBy(rows, (row) => row.partition)) {
      const first = await firstMissing(sent, stream(partition), publisher)
      if (first) count += await publishFrom(client, { partition, first }, publisher)
    }
    return count
  })
}

/**
 * The first event that a stream has lost. What lay before its oldest entry was trimmed on purpose.
 * A stream that was never trimmed began anew: then everything before its entries is lost, too.
 */
async function firstMissing(
  sent: readonly Sent[],
  name: string,
  { readBack, isTrimmed }: Publisher,
): Promise<Sent | undefined> {
  const missing = new Set(sent.map(({ id }) => id))
  let mayRead = 2 * sent.length + 1000
  let oldestId: string | undefined
  for (let before = '+'; missing.size > 0 && mayRead > 0; ) {
    const page = await readBack(name, before)
    for (const [, outboxId] of page) missing.delete(outboxId)
    const oldest = page.at(-1)
    if (!oldest) {
      const kept = sent.findIndex(({ id }) => id === oldestId)
      const isKept = kept > 0 && (await isTrimmed(name))
      return sent.slice(isKept ? kept : 0).find(({ id }) => missing.has(id))
    }
    oldestId = oldest[1]
    before = `(${oldest[0]}`
    mayRead -= page.length
  }
  return sent.find(({ id }) => missing.has(id))
}

async function publishFrom(
  client: pg.PoolClient,
  { partition, first }: { partition: number; first: Sent },
  publisher: Publisher,
): Promise<number> {
  let count = 0
  let from: Sent | undefined = first
  while (from) {
    const { rows, deadline } = await takeAgain(client, { partition, from }, publisher)
    const own = rows.filter(({ sentIn, token }) => sentIn !== token)
    const [next] = own
    if (next) await publisher.publish(own, { token: next.token, deadline })
    count += own.length
    const last = own.at(-1)
    const isMore = last && rows.length === atOnce
    from = isMore ? { token: last.sentIn, id: (BigInt(last.id) + 1n).toString() } : undefined
  }
  return count
}

async function takeAgain(
  client: pg.PoolClient,
  { partition, from }: { partition: number; from: Sent },
  publisher: Publisher,
) {
  const values = [partition, from.token, from.id]
  const [{ rows }, deadline] = await Promise.all([
    client.query<OutboxRow & { token: string; sentIn: string }>({ ...again, values }),
    publisher.deadline(),
  ])
  return { rows, deadline }
}
