import { newId } from '@finnigram/contracts'
import type { ParkedItem, ParkedStore } from '@finnigram/service-kit'
import type pg from 'pg'
import type { Queryable } from '../deps.ts'

/** A claimed job: this node may do its next piece until the lease ends. */
export interface Job {
  id: string
  kind: string
  /** The id of whom or what it is about. */
  subject: string
  /** The progress that its last piece returned; null before the first. */
  place: unknown
  /** The number of this attempt at the piece, from 1. */
  attempts: number
  /** End of the lease, and its token: after another claim it differs. */
  dueAt: Date
}

/** The lease in seconds: the longest a piece may take, and the delay after a node dies. */
const leaseSeconds = 120
/** Characters of a stored reason. */
const longestReason = 4000

/** SQL: now in milliseconds, never rounded up into the future. */
const instant = `date_trunc('milliseconds', now())`

/**
 * Enqueues jobs in the transaction that makes them necessary. Queued and parked ones stay as they
 * are.
 */
export async function enqueueJobs(db: Queryable, kind: string, subjects: readonly string[]): Promise<void> {
  if (subjects.length === 0) return
  await db.query(
    `INSERT INTO jobs (id, kind, subject, due_at) SELECT id, $2, subject, ${instant} FROM unnest($1::uuid[], $3::uuid[]) AS j (id, subject)
ON CONFLICT (kind, subject) DO NOTHING`,
    [subjects.map(() => newId()), kind, subjects],
  )
}

/**
 * Claims the job that has waited longest; nodes claim different ones. The attempt counts before it
 * begins, so that a piece that kills its process is parked in the end.
 */
export async function claimJob(db: Queryable): Promise<Job | undefined> {
  const { rows } = await db.query<Job & { place: string | null }>({
    name: 'take-job',
    text: `UPDATE jobs SET attempts = attempts + 1, due_at = now() + make_interval(secs => $1)
WHERE id = (
  SELECT id FROM jobs WHERE parked_at IS NULL AND due_at <= now() ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id, kind, subject, place, attempts, due_at AS "dueAt"`,
    values: [leaseSeconds],
  })
  const [job] = rows
  return job && { ...job, place: job.place === null ? null : JSON.parse(job.place) }
}

/** Stores the progress after a piece, and puts the job at the end of the queue. */
export async function continueJob(db: Queryable, { id, dueAt }: Job, place: unknown): Promise<void> {
  await db.query(
    `UPDATE jobs SET place = $3, attempts = 0, reason = NULL, due_at = ${instant} WHERE id = $1 AND due_at = $2`,
    [id, dueAt, JSON.stringify(place)],
  )
}

export async function completeJob(db: Queryable, { id, dueAt }: Job): Promise<void> {
  await db.query('DELETE FROM jobs WHERE id = $1 AND due_at = $2', [id, dueAt])
}

/** Stores the reason of a failed piece. Retries it after `afterMs`; parks it for `undefined`. */
export async function failJob(
  db: Queryable,
  { id, dueAt }: Job,
  { error, afterMs }: { error: unknown; afterMs: number | undefined },
): Promise<void> {
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
  await db.query(
    `UPDATE jobs SET reason = $3, due_at = now() + make_interval(secs => coalesce($4::float8, 0) / 1000),
  parked_at = CASE WHEN $4::float8 IS NULL THEN now() END
WHERE id = $1 AND due_at = $2`,
    [id, dueAt, reason.slice(0, longestReason), afterMs ?? null],
  )
}

export interface JobCount {
  kind: string
  waiting: number
  parked: number
  /** Age of the oldest job that is not parked. */
  oldestSeconds: number
}

export async function countJobs(db: Queryable): Promise<JobCount[]> {
  const { rows } = await db.query<JobCount>(
    `SELECT kind, count(*) FILTER (WHERE parked_at IS NULL)::int AS waiting, count(parked_at)::int AS parked,
  coalesce(extract(epoch FROM now() - min(created_at) FILTER (WHERE parked_at IS NULL)), 0)::float8 AS "oldestSeconds"
FROM jobs GROUP BY kind`,
  )
  return rows
}

/** Parked jobs, for operators. A retry continues at the stored progress. */
export const parkedJobs = (pool: pg.Pool): ParkedStore => ({
  kind: 'job',
  async count() {
    const { rows } = await pool.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM jobs WHERE parked_at IS NOT NULL',
    )
    return rows[0]?.count ?? 0
  },
  async list(most) {
    const { rows } = await pool.query<Record<'id' | 'kind' | 'subject' | 'reason', string> & { at: Date }>(
      `SELECT id, kind, subject, coalesce(reason, '') AS reason, parked_at AS at FROM jobs
WHERE parked_at IS NOT NULL ORDER BY parked_at LIMIT $1`,
      [most],
    )
    return rows.map(
      ({ id, kind, subject, reason, at }): ParkedItem => ({
        ...{ kind: 'job', id, reason, at: at.toISOString() },
        what: `${kind} of ${subject}`,
      }),
    )
  },
  retry: async (id) =>
    (await changeOne(pool, id, `UPDATE jobs SET parked_at = NULL, attempts = 0, due_at = now()`)) === 1,
  drop: async (id) => (await changeOne(pool, id, 'DELETE FROM jobs')) === 1,
})

async function changeOne(pool: pg.Pool, id: string, change: string): Promise<number> {
  const { rowCount } = await pool.query(`${change} WHERE id::text = $1 AND parked_at IS NOT NULL`, [id])
  return rowCount ?? 0
}
