import { withTransaction } from '@finnigram/service-kit'
import type { MessagesContext } from '../../context.ts'
import type { Owner } from '../owner.ts'
import { toFileName } from './file-name.ts'
import { requireSpace } from './require-space.ts'
import { uploadLifetimeMs } from './upload-lifetime.ts'

interface NewUpload {
  id: string
  /** In bytes. */
  length: number
  metadata: Record<string, string | null>
}

/** Begins an upload, whose space is taken from now on. Throws `quota_exceeded`. */
export async function createUpload(
  { pool, config }: Pick<MessagesContext, 'pool' | 'config'>,
  { userId: ownerId }: Owner,
  { id, length, metadata }: NewUpload,
): Promise<void> {
  const expiresAt = new Date(Date.now() + uploadLifetimeMs)
  const claimed = metadata['filetype'] ?? ''
  await withTransaction(pool, async (tx) => {
    await requireSpace(tx, { ownerId, bytes: length, quota: config.UPLOAD_QUOTA_BYTES })
    await tx.query(
      `INSERT INTO uploads (id, owner_id, name, claimed_type, length, expires_at) VALUES ($1, $2, $3, $4, $5, $6)`,
      [id, ownerId, toFileName(metadata['filename'] ?? ''), toMediaType(claimed), length, expiresAt],
    )
  })
}

const toMediaType = (claimed: string): string | null =>
  /^[\w.+-]{1,60}\/[\w.+-]{1,60}/.exec(claimed)?.[0].toLowerCase() ?? null
