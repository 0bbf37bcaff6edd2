import type pg from 'pg'

export interface OutboxSurvey {
  /** Partitions that have rows waiting. */
  partitions: number[]
  /** Rows waiting; at most 10,000 are counted. */
  count: number
  /** The lowest id waiting. */
  firstId: string | null
  /** Age of the oldest row waiting. */
  oldestSeconds: number
  /** The last id given to any row, committed or not. */
  lastId: string
  /** The oldest transaction that is still running, and the next one to begin. */
  oldestRunning: string
  nextTransaction: string
}

const survey = {
  name: 'survey-outbox',
  text: `WITH waiting AS (SELECT id, partition, created_at FROM outbox WHERE id > $1 ORDER BY id LIMIT 10000)
SELECT (SELECT coalesce(array_agg(DISTINCT partition), '{}') FROM waiting) AS partitions,
  (SELECT count(*)::int FROM waiting) AS count,
  (SELECT min(id)::text FROM waiting) AS "firstId",
  (SELECT coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 FROM waiting) AS "oldestSeconds",
  coalesce(pg_sequence_last_value('outbox_id_seq'), 0)::text AS "lastId",
  pg_snapshot_xmin(pg_current_snapshot())::text AS "oldestRunning",
  pg_snapshot_xmax(pg_current_snapshot())::text AS "nextTransaction"`,
}

/** What waits in the outbox above `floor`, and what is needed to raise it. */
export async function surveyOutbox(pool: pg.Pool, floor: bigint): Promise<OutboxSurvey> {
  const { rows } = await pool.query<OutboxSurvey>({ ...survey, values: [floor.toString()] })
  const [found] = rows
  if (!found) throw new Error('The survey of the outbox found nothing')
  return found
}
