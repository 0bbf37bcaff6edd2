import { isOvertime, isUnavailable, pause, withTransaction } from '@finnigram/service-kit'
import type { WithConfig, WithLog, WithPool } from '../../deps.ts'
import { clearWorkFolder } from '../finish/assemble-upload.ts'
import { uploadPrefix, type WithFiles } from '../store/file-store.ts'
import { deleteBytes, markForDeletion } from './pending-deletion.ts'
import { removeUnused } from './remove-unused.ts'

export type SweepContext = WithConfig<'FILES_DIR'> & WithFiles & WithLog & WithPool

/** Rows of one step. */
const batch = 200
/** Hours within which an attachment must be sent. */
const unusedHours = 24
/** Minutes until a deletion is retried. */
const retryMinutes = 10

/**
 * Removes what nobody needs: expired uploads, attachments that no message carries, bytes pending
 * deletion, and orphaned work folders. Safe at any time, on any number of nodes. Ends early when
 * `signal` aborts.
 */
export async function sweepFiles(ctx: SweepContext, signal?: AbortSignal): Promise<void> {
  const failures: unknown[] = []
  for (const step of [deleteExpired, removeUnsent, deletePending]) {
    try {
      while (!signal?.aborted && (await step(ctx, signal)) === batch);
    } catch (error) {
      // The other steps do not depend on it.
      failures.push(error)
    }
  }
  if (!signal?.aborted) await clearWorkFolder(ctx.config)
  if (failures.length > 0) throw new AggregateError(failures, 'Not everything could be swept')
}

async function deleteExpired(ctx: SweepContext): Promise<number> {
  const ended = await withTransaction(ctx.pool, async (tx) => {
    const { rows } = await tx.query<{ id: string }>(
      `DELETE FROM uploads WHERE id IN (
  SELECT id FROM uploads WHERE expires_at <= now() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
) RETURNING id`,
      [batch],
    )
    const prefixes = rows.map(({ id }) => uploadPrefix(id))
    await markForDeletion(tx, prefixes)
    return prefixes
  })
  await deleteBytes(ctx, ended)
  return ended.length
}

async function removeUnsent(ctx: SweepContext): Promise<number> {
  const { rows } = await ctx.pool.query<{ id: string }>(
    `SELECT id FROM attachments a
WHERE a.created_at < now() - make_interval(hours => $1)
AND NOT EXISTS (SELECT FROM attachment_uses u WHERE u.attachment_id = a.id)
ORDER BY a.created_at LIMIT $2`,
    [unusedHours, batch],
  )
  const ids = rows.map(({ id }) => id)
  await deleteBytes(ctx, await removeAll(ctx, ids))
  return ids.length
}

/**
 * Removes them in one transaction or, if that fails, one by one, so that one holds back no other.
 */
async function removeAll(ctx: SweepContext, ids: readonly string[]): Promise<string[]> {
  try {
    return (await withTransaction(ctx.pool, (tx) => removeUnused(tx, ids))).prefixes
  } catch (error) {
    if (ids.length <= 1 || (isUnavailable(error) && !isOvertime(error))) throw error
    const removed: string[] = []
    const failures: unknown[] = []
    for (const id of ids) {
      await removeAll(ctx, [id]).then(
        (prefixes) => removed.push(...prefixes),
        (failure) => failures.push(failure),
      )
    }
    if (removed.length === 0) throw failures[0]
    ctx.log.warn('Files that no message carries could not all be removed', { count: failures.length })
    return removed
  }
}

/**
 * Once claimed, no commit takes the bytes over. The row is deleted last, so a crash in between is
 * harmless.
 */
async function deletePending({ pool, files, log }: SweepContext, signal?: AbortSignal): Promise<number> {
  const { rows } = await pool.query<{ prefix: string }>(
    `UPDATE doomed_files SET claimed = true, due = now() + make_interval(mins => $1)
WHERE prefix IN (SELECT prefix FROM doomed_files WHERE due <= now() ORDER BY due LIMIT $2 FOR UPDATE SKIP LOCKED)
RETURNING prefix`,
    [retryMinutes, batch],
  )
  for (const { prefix } of rows) {
    // A claimed row that is not deleted is retried when it is due.
    if (signal?.aborted) break
    try {
      await files.deleteAll(prefix)
      await pool.query('DELETE FROM doomed_files WHERE prefix = $1', [prefix])
    } catch (error) {
      log.warn('Files pending deletion could not be deleted yet', { prefix, error })
    }
  }
  return rows.length
}

const everyMs = 10 * 60 * 1000

/**
 * Sweeps about every ten minutes, with jitter so that nodes do not at once, until it is disposed
 * of.
 */
export function startSweeper(ctx: SweepContext): AsyncDisposable {
  const ending = new AbortController()
  const ended = sweepUntil(ctx, ending.signal)
  return {
    async [Symbol.asyncDispose]() {
      ending.abort()
      await ended
    },
  }
}

async function sweepUntil(ctx: SweepContext, signal: AbortSignal): Promise<void> {
  for (;;) {
    await pause(everyMs * (0.5 + Math.random()), signal)
    if (signal.aborted) return
    await sweepFiles(ctx, signal).catch((error) => ctx.log.warn('Files could not be swept yet', { error }))
  }
}
