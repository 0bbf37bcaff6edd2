import { AppError, withTransaction } from '@finnigram/service-kit'
import type pg from 'pg'
import type { WithConfig, WithLimits, WithPool } from '../../deps.ts'
import { uploadBytesLimit } from '../../limits.ts'
import type { WithDiskSpace } from './disk-space.ts'
import { toFileName } from './file-name.ts'
import { requireQuota } from './storage-quota.ts'
import { type Owner, uploadLifetimeMs } from './upload-row.ts'

interface NewUpload {
  id: string
  /** In bytes. */
  length: number
  metadata: Record<string, string | null>
}

/** Uploads of one person that are not finished. */
const mostUnfinished = 100

/**
 * Begins an upload, which counts against the quota from now on. Throws `quota_exceeded`,
 * `rate_limited`, or `unavailable` when the disk is full.
 */
export async function createUpload(
  { pool, config, limits, disk }: WithConfig<'UPLOAD_QUOTA_BYTES'> & WithDiskSpace & WithLimits & WithPool,
  { userId: ownerId }: Owner,
  { id, length, metadata }: NewUpload,
): Promise<void> {
  const expiresAt = new Date(Date.now() + uploadLifetimeMs)
  const claimed = metadata['filetype'] ?? ''
  const asFile = metadata['as'] === 'file'
  await disk.require(length)
  await limits.consume(uploadBytesLimit, ownerId, Math.max(1, length))
  await withTransaction(pool, async (tx) => {
    await requireQuota(tx, { ownerId, bytes: length, quota: config.UPLOAD_QUOTA_BYTES })
    await requireFewUnfinished(tx, ownerId)
    await tx.query(
      `INSERT INTO uploads (id, owner_id, name, claimed_type, as_file, length, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [id, ownerId, toFileName(metadata['filename'] ?? ''), toMediaType(claimed), asFile, length, expiresAt],
    )
  })
}

/** Under the lock that `requireQuota` took. */
async function requireFewUnfinished(tx: pg.PoolClient, ownerId: string): Promise<void> {
  const { rowCount } = await tx.query(
    `SELECT FROM uploads WHERE owner_id = $1 AND finished_at IS NULL AND expires_at > now() LIMIT $2`,
    [ownerId, mostUnfinished],
  )
  if (rowCount === mostUnfinished) {
    throw new AppError('quota_exceeded', { detail: `${mostUnfinished} of your uploads are not finished` })
  }
}

const toMediaType = (claimed: string): string | null =>
  /^[\w.+-]{1,60}\/[\w.+-]{1,60}/.exec(claimed)?.[0].toLowerCase() ?? null
