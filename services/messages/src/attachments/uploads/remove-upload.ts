import { AppError, withTransaction } from '@finnigram/service-kit'
import type { MessagesContext } from '../../context.ts'
import type { Owner } from '../owner.ts'
import { deleteBytes } from '../removal/delete-bytes.ts'
import { doom } from '../removal/doom.ts'
import { removeUnused } from '../removal/remove-unused.ts'
import { uploadPrefix } from '../store/keys.ts'

/**
 * Gives up an upload of the caller, with its bytes; a finished one as long as no message carries it. Throws `not_found`,
 * and `conflict` when one does.
 */
export async function removeUpload(
  ctx: Pick<MessagesContext, 'pool' | 'files' | 'log'>,
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
    await doom(tx, [uploadPrefix(uploadId)])
    return [uploadPrefix(uploadId)]
  })
  await deleteBytes(ctx, prefixes)
}
