import type pg from 'pg'

/**
 * Every so many surveys the whole table is read again, in case a row was committed below the floor.
 */
const wholeEvery = 60

/** The outbox id below which every row is published and no row can be committed any more. */
export interface OutboxFloor {
  readonly id: bigint
  /** Where the next survey should begin. */
  nextSurveyFrom(): bigint
  note(survey: OutboxSurvey): void
}

/**
 * Deleted rows stay in the index until PostgreSQL vacuums. A queue that searches from the start
 * walks over all of them: after 100,000 events a round takes five times as long. So the relay
 * remembers how far everything is done.
 *
 * Ids are given before commit. An id counts as done only when nothing below it waits, and every
 * transaction has ended that was still running one full survey after the id was given.
 */
export function createOutboxFloor(): OutboxFloor {
  let id = 0n
  let candidate: { lastId: bigint; mustHaveEnded?: bigint } | undefined
  let surveys = 0

  const raise = ({ lastId, oldestRunning, nextTransaction }: OutboxSurvey) => {
    if (candidate?.mustHaveEnded === undefined) {
      candidate = candidate
        ? { ...candidate, mustHaveEnded: BigInt(nextTransaction) }
        : { lastId: BigInt(lastId) }
    } else if (BigInt(oldestRunning) >= candidate.mustHaveEnded) {
      if (candidate.lastId > id) id = candidate.lastId
      candidate = { lastId: BigInt(lastId) }
    }
  }
  return {
    get id() {
      return id
    },
    nextSurveyFrom() {
      surveys += 1
      return surveys % wholeEvery === 0 ? 0n : id
    },
    note(survey) {
      raise(survey)
      if (survey.firstId !== null && BigInt(survey.firstId) <= id) id = BigInt(survey.firstId) - 1n
    },
  }
}

interface OutboxSurvey {
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

/** Reads what waits in the outbox above `floor`, and what is needed to raise the floor. */
export async function surveyOutbox(pool: pg.Pool, floor: bigint): Promise<OutboxSurvey> {
  const { rows } = await pool.query<OutboxSurvey>({ ...survey, values: [floor.toString()] })
  const [found] = rows
  if (!found) throw new Error('The survey of the outbox found nothing')
  return found
}
