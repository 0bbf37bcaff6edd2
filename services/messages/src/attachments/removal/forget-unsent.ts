import { withTransaction } from '@finnigram/service-kit'
import type pg from 'pg'
import { removeUnused } from './remove-unused.ts'

/** Lets go of what people whose accounts have ended uploaded and never sent: the sweeper deletes the bytes. May run any number of times. */
export async function forgetUnsent(pool: pg.Pool, ownerIds: readonly string[]): Promise<void> {
  await pool.query(
    'UPDATE uploads SET expires_at = now() WHERE owner_id = ANY($1::uuid[]) AND expires_at > now()',
    [ownerIds],
  )
  const { rows } = await pool.query<{ id: string }>(
    `SELECT id FROM attachments a WHERE a.owner_id = ANY($1::uuid[])
AND NOT EXISTS (SELECT FROM attachment_uses u WHERE u.attachment_id = a.id)`,
    [ownerIds],
  )
  if (rows.length === 0) return
  const ids = rows.map(({ id }) => id)
  await withTransaction(pool, (tx) => removeUnused(tx, ids))
}
