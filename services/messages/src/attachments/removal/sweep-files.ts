import { isOvertime, isUnavailable, withTransaction } from '@finnigram/service-kit'
import type { MessagesContext } from '../../context.ts'
import { clearWorkFolder } from '../finish/work-folder.ts'
import { uploadPrefix } from '../store/keys.ts'
import { deleteBytes } from './delete-bytes.ts'
import { doom } from './doom.ts'
import { removeUnused } from './remove-unused.ts'

export type SweepContext = Pick<MessagesContext, 'pool' | 'files' | 'log' | 'config'>

/** Rows that are dealt with at once. */
const batch = 200
/** A file that was uploaded must be sent within this time, in hours. */
const unusedHours = 24
/** Before a deletion that was begun is tried again, in minutes. */
const retryMinutes = 10

/**
 * Removes what nobody needs: uploads that have run out, attachments that no message carries, doomed bytes, and what a
 * process that died left in its working folder. Safe at any time, on any number of nodes. Ends early when `signal` aborts.
 */
export async function sweepFiles(ctx: SweepContext, signal?: AbortSignal): Promise<void> {
  const failures: unknown[] = []
  for (const step of [endUploads, removeForgotten, deleteDoomed]) {
    try {
      while (!signal?.aborted && (await step(ctx, signal)) === batch);
    } catch (error) {
      // The other steps have nothing to do with it.
      failures.push(error)
    }
  }
  if (!signal?.aborted) await clearWorkFolder(ctx.config)
  if (failures.length > 0) throw new AggregateError(failures, 'Not everything could be swept')
}

async function endUploads(ctx: SweepContext): Promise<number> {
  const ended = await withTransaction(ctx.pool, async (tx) => {
    const { rows } = await tx.query<{ id: string }>(
      `DELETE FROM uploads WHERE id IN (
  SELECT id FROM uploads WHERE expires_at <= now() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
) RETURNING id`,
      [batch],
    )
    const prefixes = rows.map(({ id }) => uploadPrefix(id))
    await doom(tx, prefixes)
    return prefixes
  })
  await deleteBytes(ctx, ended)
  return ended.length
}

async function removeForgotten(ctx: SweepContext): Promise<number> {
  const { rows } = await ctx.pool.query<{ id: string }>(
    `SELECT id FROM attachments a
WHERE a.created_at < now() - make_interval(hours => $1)
AND NOT EXISTS (SELECT FROM attachment_uses u WHERE u.attachment_id = a.id)
ORDER BY a.created_at LIMIT $2`,
    [unusedHours, batch],
  )
  const ids = rows.map(({ id }) => id)
  await deleteBytes(ctx, await removeTogether(ctx, ids))
  return ids.length
}

/** Where they cannot be removed together, each is by itself, so that one holds back no other. */
async function removeTogether(ctx: SweepContext, ids: readonly string[]): Promise<string[]> {
  try {
    return (await withTransaction(ctx.pool, (tx) => removeUnused(tx, ids))).prefixes
  } catch (error) {
    if (ids.length <= 1 || (isUnavailable(error) && !isOvertime(error))) throw error
    const removed: string[] = []
    const failures: unknown[] = []
    for (const id of ids) {
      await removeTogether(ctx, [id]).then(
        (prefixes) => removed.push(...prefixes),
        (failure) => failures.push(failure),
      )
    }
    if (removed.length === 0) throw failures[0]
    ctx.log.warn('Files that no message carries could not all be removed', { count: failures.length })
    return removed
  }
}

/** Once claimed, nobody takes the bytes back; the note goes last, so that a process that dies in between changes nothing. */
async function deleteDoomed({ pool, files, log }: SweepContext, signal?: AbortSignal): Promise<number> {
  const { rows } = await pool.query<{ prefix: string }>(
    `UPDATE doomed_files SET claimed = true, due = now() + make_interval(mins => $1)
WHERE prefix IN (SELECT prefix FROM doomed_files WHERE due <= now() ORDER BY due LIMIT $2 FOR UPDATE SKIP LOCKED)
RETURNING prefix`,
    [retryMinutes, batch],
  )
  for (const { prefix } of rows) {
    // What was claimed and not deleted is tried again when it is due.
    if (signal?.aborted) break
    try {
      await files.deleteAll(prefix)
      await pool.query('DELETE FROM doomed_files WHERE prefix = $1', [prefix])
    } catch (error) {
      log.warn('Doomed bytes could not be deleted yet', { prefix, error })
    }
  }
  return rows.length
}
