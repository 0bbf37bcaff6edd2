import { newId } from '@finnigram/contracts'
import { AppError, withTransaction } from '@finnigram/service-kit'
import type pg from 'pg'
import type { WithConfig, WithLog, WithPool } from '../../deps.ts'
import { deleteBytes, markForDeletion } from '../removal/pending-deletion.ts'
import { blobPrefix, originalKey, thumbnailKey, uploadPrefix, type WithFiles } from '../store/file-store.ts'
import { lockOwner, requireQuota } from '../uploads/storage-quota.ts'
import type { UploadRow } from '../uploads/upload-row.ts'

import type { DescribedFile } from './describe-file.ts'

/**
 * Stores a file and makes the upload an attachment with the same id. The same bytes of one owner
 * are stored once. Bytes are stored first, as pending deletion, and one commit takes them over: a
 * process that dies before leaves nothing behind. Throws `not_found` when the upload was given up
 * meanwhile, and `quota_exceeded`.
 */
export async function storeAttachment(
  ctx: WithConfig<'UPLOAD_QUOTA_BYTES'> & WithFiles & WithLog & WithPool,
  upload: UploadRow,
  file: DescribedFile,
): Promise<void> {
  const known = await findBlob(ctx.pool, { ownerId: upload.ownerId, sha256: file.sha256 })
  const stored = known === undefined ? await storeBytes(ctx, file) : undefined
  const outcome = await commitAttachment(ctx, { upload, file, stored })
  // The blob that was found has been deleted since.
  if (outcome === 'bytes are gone') return storeAttachment(ctx, upload, file)
  const isUnused = stored !== undefined && outcome === 'others are used'
  await deleteBytes(ctx, [uploadPrefix(upload.id), ...(isUnused ? [blobPrefix(stored)] : [])])
}

interface Finished {
  upload: UploadRow
  file: DescribedFile
  /** The blob stored for this. Undefined when the owner had these bytes already. */
  stored: string | undefined
}

/** Makes an upload an attachment, once however often it is called. Returns which bytes it uses. */
const commitAttachment = (
  { pool, config }: WithConfig<'UPLOAD_QUOTA_BYTES'> & WithPool,
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
      await requireQuota(tx, { ownerId, bytes: file.size, quota: config.UPLOAD_QUOTA_BYTES, replaces: id })
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
  await markForDeletion(tx, [uploadPrefix(upload.id)])
}

/** Longest time for storing a file, in minutes. */
const storingMinutes = 60

/**
 * Stores a file with its thumbnails under a new blob id, pending deletion until `commitAttachment`
 * takes it over.
 */
async function storeBytes(
  { pool, files }: WithFiles & WithPool,
  { path, thumbnails }: Pick<DescribedFile, 'path' | 'thumbnails'>,
): Promise<string> {
  const blobId = newId()
  await pool.query('INSERT INTO doomed_files (prefix, due) VALUES ($1, now() + make_interval(mins => $2))', [
    blobPrefix(blobId),
    storingMinutes,
  ])
  await files.putFile(originalKey(blobId), path)
  for (const { side, bytes } of thumbnails) await files.put(thumbnailKey(blobId, side), bytes)
  return blobId
}

/** The blob of an owner with these bytes. `isKept` locks it until the transaction ends. */
async function findBlob(
  db: Pick<pg.PoolClient, 'query'>,
  { ownerId, sha256, isKept = false }: { ownerId: string; sha256: Buffer; isKept?: boolean },
): Promise<string | undefined> {
  const { rows } = await db.query<{ id: string }>(
    `SELECT id FROM blobs WHERE owner_id = $1 AND sha256 = $2 ${isKept ? 'FOR KEY SHARE' : ''}`,
    [ownerId, sha256],
  )
  return rows[0]?.id
}
