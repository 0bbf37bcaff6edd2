import { createHash } from 'node:crypto'
import { newId } from '@finnigram/contracts'
import type { Logger } from '@finnigram/service-kit'
import { addressKey } from '@finnigram/service-kit'
import type pg from 'pg'
import type { UsersContext } from '../context.ts'

/** What may have happened to an account, as its owner and the log read it. */
export const securityTypes = [
  'registered',
  'signed_in',
  'sign_in_failed',
  'signed_out',
  'session_ended',
  'other_sessions_ended',
  'refresh_reuse_detected',
  'password_check_failed',
  'password_changed',
  'password_reset_requested',
  'password_reset',
  'username_changed',
  'email_change_requested',
  'email_change_cancelled',
  'email_changed',
  'email_verified',
  'totp_enabled',
  'totp_disabled',
  'recovery_code_used',
  'account_deleted',
  'key_made',
  'keys_removed',
] as const
export type SecurityType = (typeof securityTypes)[number]

/** One thing that happened. */
export interface SecurityNote {
  type: SecurityType
  /** Null where the attempt was at no account that exists, and where it is about the service itself. */
  userId: string | null
  ip?: string | undefined
  /** The session it was done in, or done to. */
  sessionId?: string | undefined
  device?: { name: string; platform: string } | undefined
}

/** Keeps a note once the transaction is committed, and not otherwise. */
export type Note = (note: SecurityNote) => void

/** What an operator should look at. */
const alarming: ReadonlySet<SecurityType> = new Set(['refresh_reuse_detected'])

/** Writes security events to the service's log, where `security` tells them from the rest. */
export function logNotes(log: Logger, notes: readonly SecurityNote[]): void {
  for (const { type, userId, ip, sessionId } of notes) {
    log[alarming.has(type) ? 'warn' : 'info'](`Security: ${type.replaceAll('_', ' ')}`, {
      security: true,
      event: type,
      userId,
      ...(ip ? { ip } : {}),
      ...(sessionId ? { sessionId } : {}),
    })
  }
}

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

const atOnce = 5000

/** Forgets security events after a year, and attempts at accounts that do not exist after a month. Nodes that do so at once share the work. */
export async function purgeNotes(ctx: Pick<UsersContext, 'pool'>, signal?: AbortSignal): Promise<void> {
  const { rowCount } = await ctx.pool.query(
    `DELETE FROM security_events WHERE id IN (
  SELECT id FROM security_events
  WHERE at < now() - interval '30 days' AND (user_id IS NULL AND type = 'sign_in_failed' OR at < now() - interval '1 year')
  ORDER BY at LIMIT $1 FOR UPDATE SKIP LOCKED
)`,
    [atOnce],
  )
  if (rowCount === atOnce && !signal?.aborted) await purgeNotes(ctx, signal)
}
