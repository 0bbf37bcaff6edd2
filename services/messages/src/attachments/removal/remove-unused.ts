import type pg from 'pg'
import { blobPrefix } from '../store/keys.ts'
import { doom } from './doom.ts'

export interface Removed {
  /** Ids of the attachments that are gone. */
  removed: string[]
  /** Where the bytes lie that nobody needs any more. */
  prefixes: string[]
}

/**
 * Removes those of these attachments that no message carries, and what they alone had stored. Rows are locked first and
 * looked at afterwards, in a second statement: a message that takes one along at this moment either comes first and
 * keeps it, or finds it gone.
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
  await doom(tx, prefixes)
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
