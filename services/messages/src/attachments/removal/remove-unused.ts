import { withTransaction } from '@finnigram/service-kit'
import type pg from 'pg'
import type { WithLog, WithPool } from '../../deps.ts'
import { blobPrefix, type WithFiles } from '../store/file-store.ts'
import { deleteBytes, markForDeletion } from './pending-deletion.ts'

export interface Removed {
  /** Ids of the removed attachments. */
  removed: string[]
  /** Keys of bytes that are now pending deletion. */
  prefixes: string[]
}

/**
 * Removes those of these attachments that no message carries, with the blobs that only they used.
 * Rows are locked first and checked in a second statement: a concurrent send that carries one
 * either commits first and keeps it, or finds it gone.
 */
export async function removeUnused(tx: pg.PoolClient, ids: readonly string[]): Promise<Removed> {
  await tx.query('SELECT FROM attachments WHERE id = ANY($1) ORDER BY id FOR UPDATE', [ids])
  const { rows } = await tx.query<{ id: string; blobId: string }>(
    `DELETE FROM attachments a
WHERE a.id = ANY($1) AND NOT EXISTS (SELECT FROM attachment_uses u WHERE u.attachment_id = a.id)
RETURNING a.id, a.blob_id AS "blobId"`,
    [ids],
  )
  const removed = rows.map(({ id }) => id)
  await tx.query('DELETE FROM uploads WHERE id = ANY($1)', [removed])
  const prefixes = await removeBlobs(
    tx,
    rows.map(({ blobId }) => blobId),
  )
  await markForDeletion(tx, prefixes)
  return { removed, prefixes }
}

async function removeBlobs(tx: pg.PoolClient, ids: readonly string[]): Promise<string[]> {
  await tx.query('SELECT FROM blobs WHERE id = ANY($1) ORDER BY id FOR UPDATE', [ids])
  const { rows } = await tx.query<{ id: string }>(
    `DELETE FROM blobs b WHERE b.id = ANY($1) AND NOT EXISTS (SELECT FROM attachments a WHERE a.blob_id = b.id)
RETURNING b.id`,
    [ids],
  )
  return rows.map(({ id }) => blobPrefix(id))
}

/**
 * Releases attachments of deleted messages, after that commit. One that no other message carries is
 * deleted with its bytes. Idempotent. Never throws: what fails is left to the sweeper.
 */
export async function releaseAttachments(
  ctx: WithFiles & WithLog & WithPool,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return
  try {
    const { prefixes } = await withTransaction(ctx.pool, (tx) => removeUnused(tx, ids))
    await deleteBytes(ctx, prefixes)
  } catch (error) {
    ctx.log.warn('Attachments could not be removed yet', { error, count: ids.length })
  }
}

/** Attachments that one call removes. */
const atOnce = 200

/**
 * Removes some uploads that an ended account never sent. The sweeper deletes the bytes. Returns
 * whether none are left. Idempotent.
 */
export async function removeUnsentUploads(pool: pg.Pool, ownerId: string): Promise<boolean> {
  await pool.query('UPDATE uploads SET expires_at = now() WHERE owner_id = $1 AND expires_at > now()', [
    ownerId,
  ])
  const { rows } = await pool.query<{ id: string }>(
    `SELECT id FROM attachments a WHERE a.owner_id = $1
AND NOT EXISTS (SELECT FROM attachment_uses u WHERE u.attachment_id = a.id) LIMIT ${atOnce}`,
    [ownerId],
  )
  if (rows.length === 0) return true
  const ids = rows.map(({ id }) => id)
  await withTransaction(pool, (tx) => removeUnused(tx, ids))
  return rows.length < atOnce
}
