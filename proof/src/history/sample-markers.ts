import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { createMarkerRecord } from '../devices/marker-record.ts'

/** Everyone's markers as the database had them, now and then. */
export interface MarkerSamples extends AsyncDisposable {
  rowsOf(conversationId: string, userId: string): number[][]
}

const everyMs = 500
const sql = `SELECT conversation_id AS "conversationId", user_id AS "userId", last_read_seq AS "lastReadSeq",
  last_delivered_seq AS "lastDeliveredSeq" FROM participants WHERE left_version IS NULL`

interface Row {
  conversationId: string
  userId: string
  lastReadSeq: number
  lastDeliveredSeq: number
}

/**
 * Looks at the markers twice a second, past every link; while the database is away it is asked
 * again.
 */
export function sampleMarkers(databaseUrl: string): MarkerSamples {
  const record = createMarkerRecord()
  const ending = new AbortController()
  const { signal } = ending
  const look = async () => {
    const database = new Client({
      connectionString: databaseUrl,
      query_timeout: 2_000,
      connectionTimeoutMillis: 2_000,
    })
    database.on('error', () => undefined)
    try {
      await database.connect()
      while (!signal.aborted) {
        const { rows } = await database.query<Row>(sql)
        for (const [id, group] of Map.groupBy(rows, ({ conversationId }) => conversationId))
          record.see(id, group)
        await sleep(everyMs, undefined, { signal })
      }
    } finally {
      await database.end().catch(() => undefined)
    }
  }
  const run = async () => {
    while (!signal.aborted) {
      await look().catch(() => undefined)
      await sleep(everyMs, undefined, { signal }).catch(() => undefined)
    }
  }
  const running = run()
  return {
    rowsOf: (conversationId, userId) =>
      record.rows().find((one) => one.conversationId === conversationId && one.userId === userId)?.rows ?? [],
    async [Symbol.asyncDispose]() {
      ending.abort()
      await running
    },
  }
}
