import { AppError } from '@finnigram/service-kit'
import type pg from 'pg'

interface WantedSpace {
  ownerId: string
  /** Additional bytes. */
  bytes: number
  quota: number
  /** An upload that these bytes replace. */
  replaces?: string
}

/**
 * Requires that a person's files and unfinished uploads, with the additional bytes, stay within the
 * quota. Locks the person's storage until the transaction ends, so that two requests cannot take
 * the same space. Throws `quota_exceeded`.
 */
export async function requireQuota(
  tx: pg.PoolClient,
  { ownerId, bytes, quota, replaces }: WantedSpace,
): Promise<void> {
  await lockOwner(tx, ownerId)
  const { rows } = await tx.query<{ used: number }>(
    `SELECT ((SELECT coalesce(sum(size), 0) FROM blobs WHERE owner_id = $1)
+ (SELECT coalesce(sum(length), 0) FROM uploads
   WHERE owner_id = $1 AND finished_at IS NULL AND expires_at > now() AND id IS DISTINCT FROM $2))::float8 AS used`,
    [ownerId, replaces ?? null],
  )
  const used = rows[0]?.used ?? 0
  if (used + bytes > quota) {
    throw new AppError('quota_exceeded', {
      detail: `${Math.max(0, quota - used)} of ${quota} bytes are left`,
    })
  }
}

/** Locks what a person stores, until the transaction ends. */
export async function lockOwner(tx: pg.PoolClient, ownerId: string): Promise<void> {
  await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('files:' || $1, 0))`, [ownerId])
}
