import { withTransaction } from '@finnigram/service-kit'
import type pg from 'pg'
import { removeUnused } from './remove-unused.ts'

/** Attachments that one call lets go of. */
const atOnce = 200

/** Lets go of some of what a person whose account has ended uploaded and never sent: the sweeper deletes the bytes. Whether that was all; may run any number of times. */
export async function forgetUnsent(pool: pg.Pool, ownerId: string): Promise<boolean> {
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
