import {
  AppError,
  isOvertime,
  isUnavailable,
  type ParkedStore,
  park,
  parkedCounter,
  parkedTable,
  reasonOf,
} from '@finnigram/service-kit'
import type pg from 'pg'
import type { WithLog, WithMetrics, WithPool } from '../../deps.ts'

/** Tries to make an attachment of one upload. */
const mostTries = 5
const kind = 'upload'

/**
 * Counts a try before it begins, so that one that crashes its process counts, too. After too many
 * tries it parks the upload and throws `unsupported_media_type`. The bytes stay until it expires.
 */
export async function beginFinish(
  { pool, log, metrics }: WithLog & WithMetrics & WithPool,
  id: string,
): Promise<void> {
  const { rows } = await pool.query<{ tries: number }>(
    'UPDATE uploads SET finish_tries = finish_tries + 1 WHERE id = $1 RETURNING finish_tries AS tries',
    [id],
  )
  const tries = rows[0]?.tries ?? 0
  if (tries <= mostTries) return
  // A process may have ended between the count and the parking.
  const { rowCount: parked } = await pool.query('SELECT FROM parked WHERE kind = $1 AND id = $2', [kind, id])
  if (parked === 0) {
    await park(pool, {
      kind,
      id,
      data: { id },
      reason: 'The process ended during each try to finish it',
    })
    parkedCounter(metrics).inc({ kind })
    log.error('An upload that cannot be finished is parked', { upload: id })
  }
  throw new AppError('unsupported_media_type', { detail: 'No file can be made of this upload' })
}

/**
 * Records a failed try. One that failed because something is unavailable is taken back. After the
 * last, the upload is parked.
 */
export async function noteFailed(
  { pool, log, metrics }: WithLog & WithMetrics & WithPool,
  id: string,
  error: unknown,
): Promise<void> {
  const isTransient = isUnavailable(error) && !isOvertime(error)
  const { rows } = await pool.query<{ tries: number }>(
    'UPDATE uploads SET finish_tries = finish_tries + $2 WHERE id = $1 RETURNING finish_tries AS tries',
    [id, isTransient ? -1 : 0],
  )
  if (isTransient || (rows[0]?.tries ?? 0) < mostTries) return
  await pool.query('UPDATE uploads SET finish_tries = finish_tries + 1 WHERE id = $1', [id])
  await park(pool, { kind, id, data: { id }, reason: reasonOf(error) })
  parkedCounter(metrics).inc({ kind })
  log.error('An upload that cannot be finished is parked', { upload: id, error })
}

/** Uploads that could not be finished. A retry lets their senders try again. */
export const parkedUploads = (pool: pg.Pool): ParkedStore =>
  parkedTable<{ id: string }>({
    pool,
    kind,
    keptDays: 7,
    describe: ({ id }) => `upload ${id}`,
    async retry(tx, { id }) {
      await tx.query('UPDATE uploads SET finish_tries = 0 WHERE id = $1', [id])
    },
  })
