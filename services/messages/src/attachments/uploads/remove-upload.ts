import { AppError, withTransaction } from '@finnigram/service-kit'
import type { WithLog, WithPool } from '../../deps.ts'
import { deleteBytes, markForDeletion } from '../removal/pending-deletion.ts'
import { removeUnused } from '../removal/remove-unused.ts'
import { uploadPrefix, type WithFiles } from '../store/file-store.ts'
import type { Owner } from './upload-row.ts'

/**
 * Deletes an upload of the caller with its bytes, or a finished one that no message carries. Throws
 * `not_found`, and `conflict` when a message carries it.
 */
export async function removeUpload(
  ctx: WithFiles & WithLog & WithPool,
  { userId }: Owner,
  uploadId: string,
): Promise<void> {
  const prefixes = await withTransaction(ctx.pool, async (tx) => {
    const { rows } = await tx.query<{ isFinished: boolean }>(
      `SELECT finished_at IS NOT NULL AS "isFinished" FROM uploads WHERE id = $1 AND owner_id = $2 FOR UPDATE`,
      [uploadId, userId],
    )
    const [upload] = rows
    if (!upload) throw new AppError('not_found')
    if (upload.isFinished) {
      const { removed, prefixes } = await removeUnused(tx, [uploadId])
      if (removed.length === 0) throw new AppError('conflict', { detail: 'A message carries this file' })
      return prefixes
    }
    await tx.query('DELETE FROM uploads WHERE id = $1', [uploadId])
    await markForDeletion(tx, [uploadPrefix(uploadId)])
    return [uploadPrefix(uploadId)]
  })
  await deleteBytes(ctx, prefixes)
}
