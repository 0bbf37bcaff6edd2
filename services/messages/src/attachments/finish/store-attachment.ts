import type { MessagesContext } from '../../context.ts'
import { deleteBytes } from '../removal/delete-bytes.ts'
import { blobPrefix, uploadPrefix } from '../store/keys.ts'
import type { UploadRow } from '../uploads/upload-row.ts'
import { commitAttachment } from './commit-attachment.ts'
import type { DescribedFile } from './describe-file.ts'
import { findBlob } from './find-blob.ts'
import { storeBytes } from './store-bytes.ts'

/**
 * Keeps a file and makes the upload an attachment of the same id. The same bytes of the same owner are stored once. Bytes
 * are stored first and needed by one commit; a process that dies before it leaves them doomed. Throws `not_found` when
 * the upload was given up meanwhile, and `quota_exceeded`.
 */
export async function storeAttachment(
  ctx: Pick<MessagesContext, 'pool' | 'files' | 'log' | 'config'>,
  upload: UploadRow,
  file: DescribedFile,
): Promise<void> {
  const known = await findBlob(ctx.pool, { ownerId: upload.ownerId, sha256: file.sha256 })
  const stored = known === undefined ? await storeBytes(ctx, file) : undefined
  const outcome = await commitAttachment(ctx, { upload, file, stored })
  // The bytes we counted on were deleted since we looked.
  if (outcome === 'bytes are gone') return storeAttachment(ctx, upload, file)
  const isSpare = stored !== undefined && outcome === 'others are used'
  await deleteBytes(ctx, [uploadPrefix(upload.id), ...(isSpare ? [blobPrefix(stored)] : [])])
}
