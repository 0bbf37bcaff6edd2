import { createHash } from 'node:crypto'
import { addressKey } from '@finnigram/service-kit'
import type { UsersContext } from '../context.ts'
import type { SecurityNote } from './audit-log.ts'
import { logNotes } from './log-notes.ts'
import { writeNotes } from './write-notes.ts'

/** Keeps a note of what is part of no transaction, such as a refused sign-in. */
export async function noteNow(
  { pool, log }: Pick<UsersContext, 'pool' | 'log'>,
  note: SecurityNote,
): Promise<void> {
  await writeNotes(pool, [note])
  logNotes(log, [note])
}

/**
 * Keeps a note of a refused sign-in under a name that nobody has: one row an hour for each address, of the last try, since
 * whoever guesses would otherwise add one with each guess. The log has them all. Every try is written, as one at an
 * account is: an answer that comes sooner would tell which names there are.
 */
export async function noteUnknown(
  { pool, log }: Pick<UsersContext, 'pool' | 'log'>,
  { ip, device }: { ip: string; device: SecurityNote['device'] },
): Promise<void> {
  const note = { type: 'sign_in_failed', userId: null, ip, device } as const
  await pool.query(
    `INSERT INTO security_events (id, type, ip, device) VALUES ($1, $2, $3, $4)
ON CONFLICT (id) DO UPDATE SET at = excluded.at, ip = excluded.ip, device = excluded.device`,
    [idOfHour(addressKey(ip)), note.type, ip || null, device ? JSON.stringify(device) : null],
  )
  logNotes(log, [note])
}

/** The same within an hour for one address: the primary key is the bound, and no other row is looked at. */
const idOfHour = (address: string): string =>
  createHash('sha256')
    .update(`${address} ${Math.floor(Date.now() / 3_600_000)}`)
    .digest('hex')
    .slice(0, 32)
