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
import type { MessagesContext } from '../../context.ts'

/** How often an attachment is tried to be made of one upload. */
const mostTries = 5
const kind = 'upload'

/**
 * Counts a try before it begins: one that takes its process along is counted, too. Throws `unsupported_media_type` once
 * there were too many, and parks the upload. Its bytes stay until it runs out.
 */
export async function beginFinish(
  { pool, log, metrics }: Pick<MessagesContext, 'pool' | 'log' | 'metrics'>,
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
      reason: 'The process ended each time while making a file of it',
    })
    parkedCounter(metrics).inc({ kind })
    log.error('An upload of which no file can be made is parked', { upload: id })
  }
  throw new AppError('unsupported_media_type', { detail: 'No file can be made of this upload' })
}

/** Takes a try back that failed because something is away. With the last that counts the upload is parked. */
export async function noteFailed(
  { pool, log, metrics }: Pick<MessagesContext, 'pool' | 'log' | 'metrics'>,
  id: string,
  error: unknown,
): Promise<void> {
  const isAway = isUnavailable(error) && !isOvertime(error)
  const { rows } = await pool.query<{ tries: number }>(
    'UPDATE uploads SET finish_tries = finish_tries + $2 WHERE id = $1 RETURNING finish_tries AS tries',
    [id, isAway ? -1 : 0],
  )
  if (isAway || (rows[0]?.tries ?? 0) < mostTries) return
  await pool.query('UPDATE uploads SET finish_tries = finish_tries + 1 WHERE id = $1', [id])
  await park(pool, { kind, id, data: { id }, reason: reasonOf(error) })
  parkedCounter(metrics).inc({ kind })
  log.error('An upload of which no file can be made is parked', { upload: id, error })
}

/** Uploads of which no file could be made. A retry lets its sender ask again. */
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
