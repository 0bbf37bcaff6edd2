import { newId } from '@finnigram/contracts'
import type pg from 'pg'
import type { SecurityNote } from './audit-log.ts'

/** Adds to the logs of the accounts. */
export async function writeNotes(db: pg.Pool | pg.PoolClient, notes: readonly SecurityNote[]): Promise<void> {
  if (notes.length === 0) return
  await db.query(
    `INSERT INTO security_events (id, user_id, type, ip, session_id, device)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::jsonb[])`,
    [
      notes.map(() => newId()),
      notes.map(({ userId }) => userId),
      notes.map(({ type }) => type),
      notes.map(({ ip }) => ip || null),
      notes.map(({ sessionId }) => sessionId ?? null),
      notes.map(({ device }) => (device ? JSON.stringify(device) : null)),
    ],
  )
}
