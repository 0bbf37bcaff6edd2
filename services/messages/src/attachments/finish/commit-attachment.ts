import { AppError, withTransaction } from '@finnigram/service-kit'
import type pg from 'pg'
import type { MessagesContext } from '../../context.ts'
import { doom } from '../removal/doom.ts'
import { blobPrefix, uploadPrefix } from '../store/keys.ts'
import { lockOwner, requireSpace } from '../uploads/require-space.ts'
import type { UploadRow } from '../uploads/upload-row.ts'
import type { DescribedFile } from './describe-file.ts'
import { findBlob } from './find-blob.ts'

interface Finished {
  upload: UploadRow
  file: DescribedFile
  /** The blob whose bytes were stored for this; undefined when the owner had them already. */
  stored: string | undefined
}

/** Makes an upload an attachment, once, whoever tries. Tells whether the stored bytes are used, others are, or none are left. */
export const commitAttachment = (
  { pool, config }: Pick<MessagesContext, 'pool' | 'config'>,
  { upload, file, stored }: Finished,
): Promise<'stored ones are used' | 'others are used' | 'bytes are gone'> =>
  withTransaction(pool, async (tx) => {
    const { id, ownerId } = upload
    await lockOwner(tx, ownerId)
    if (await isFinished(tx, id)) return 'others are used'
    const twin = await findBlob(tx, { ownerId, sha256: file.sha256, isKept: true })
    const blobId = twin ?? stored
    if (blobId === undefined) return 'bytes are gone'
    if (twin === undefined) {
      await requireSpace(tx, { ownerId, bytes: file.size, quota: config.UPLOAD_QUOTA_BYTES, replaces: id })
      await insertBlob(tx, { blobId, ownerId, file })
    }
    await insertAttachment(tx, { blobId, upload, file })
    return twin === undefined ? 'stored ones are used' : 'others are used'
  })

async function isFinished(tx: pg.PoolClient, uploadId: string): Promise<boolean> {
  const { rows } = await tx.query<{ isFinished: boolean }>(
    'SELECT finished_at IS NOT NULL AS "isFinished" FROM uploads WHERE id = $1 FOR UPDATE',
    [uploadId],
  )
  if (!rows[0]) throw new AppError('not_found')
  return rows[0].isFinished
}

async function insertBlob(
  tx: pg.PoolClient,
  { blobId, ownerId, file }: { blobId: string; ownerId: string; file: DescribedFile },
): Promise<void> {
  const { rowCount } = await tx.query('DELETE FROM doomed_files WHERE prefix = $1 AND NOT claimed', [
    blobPrefix(blobId),
  ])
  if (rowCount !== 1) throw new AppError('unavailable', { detail: 'Storing the file took too long' })
  await tx.query('INSERT INTO blobs (id, owner_id, sha256, size, thumbnails) VALUES ($1, $2, $3, $4, $5)', [
    blobId,
    ownerId,
    file.sha256,
    file.size,
    file.thumbnails.map(({ side }) => side),
  ])
}

async function insertAttachment(
  tx: pg.PoolClient,
  { blobId, upload, file }: { blobId: string; upload: UploadRow; file: DescribedFile },
): Promise<void> {
  const { kind, name, mediaType, size, width, height, thumbHash } = file
  await tx.query(
    `INSERT INTO attachments (id, owner_id, blob_id, kind, name, media_type, size, width, height, thumb_hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [upload.id, upload.ownerId, blobId, kind, name, mediaType, size, width, height, thumbHash],
  )
  await tx.query('UPDATE uploads SET finished_at = now() WHERE id = $1', [upload.id])
  await tx.query('DELETE FROM upload_pieces WHERE upload_id = $1', [upload.id])
  await doom(tx, [uploadPrefix(upload.id)])
}
