import { createHash } from 'node:crypto'
import { newId } from '@finnigram/contracts'
import { addressKey, type Logger } from '@finnigram/service-kit'
import type pg from 'pg'
import type { WithLog, WithPool } from '../deps.ts'

/*
 * The audit log: what happened to an account, such as "signed in" or "password changed". Its owner
 * reads it (`listActivity`), and the operator reads the same entries in the service's log.
 *
 * - A change writes its entry in its own transaction (`transactionWithOutbox`), so that the two are
 *   committed together. An attempt that changes nothing is recorded by itself (`recordAuditEntry`).
 * - An entry holds no secret and no text a person wrote.
 * - The table `security_events` keeps a year, and a month of attempts at names nobody has.
 */

/** What may have happened. The owner of the account reads these types, too. */
export const auditEntryTypes = [
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
export type AuditEntryType = (typeof auditEntryTypes)[number]

/** One entry of the audit log. */
export interface AuditEntry {
  type: AuditEntryType
  /** Null for an attempt at an account that does not exist, and for what concerns the service. */
  userId: string | null
  ip?: string | undefined
  /** The session it was done in, or done to. */
  sessionId?: string | undefined
  device?: { name: string; platform: string } | undefined
}

/** Adds an entry to the present transaction. */
export type Audit = (entry: AuditEntry) => void

/** Adds entries to the logs of their accounts. */
export async function insertAuditEntries(
  db: pg.Pool | pg.PoolClient,
  entries: readonly AuditEntry[],
): Promise<void> {
  if (entries.length === 0) return
  await db.query(
    `INSERT INTO security_events (id, user_id, type, ip, session_id, device)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::jsonb[])`,
    [
      entries.map(() => newId()),
      entries.map(({ userId }) => userId),
      entries.map(({ type }) => type),
      entries.map(({ ip }) => ip || null),
      entries.map(({ sessionId }) => sessionId ?? null),
      entries.map(({ device }) => (device ? JSON.stringify(device) : null)),
    ],
  )
}

/** Records what is part of no transaction, such as a refused sign-in. */
export async function recordAuditEntry({ pool, log }: WithPool & WithLog, entry: AuditEntry): Promise<void> {
  await insertAuditEntries(pool, [entry])
  logAuditEntries(log, [entry])
}

/**
 * Records a refused sign-in under a name that nobody has. The table keeps one row per address and
 * hour, with the last attempt: otherwise each guess would add a row. The log has every attempt.
 *
 * Each attempt writes, as one at a real account does: a faster answer would tell which names exist.
 */
export async function recordUnknownSignIn(
  { pool, log }: WithPool & WithLog,
  { ip, device }: { ip: string; device: AuditEntry['device'] },
): Promise<void> {
  const entry = { type: 'sign_in_failed', userId: null, ip, device } as const
  await pool.query(
    `INSERT INTO security_events (id, type, ip, device) VALUES ($1, $2, $3, $4)
ON CONFLICT (id) DO UPDATE SET at = excluded.at, ip = excluded.ip, device = excluded.device`,
    [idOfHour(addressKey(ip)), entry.type, ip || null, device ? JSON.stringify(device) : null],
  )
  logAuditEntries(log, [entry])
}

/** The same id within an hour for one address: the primary key bounds the rows. */
const idOfHour = (address: string): string =>
  createHash('sha256')
    .update(`${address} ${Math.floor(Date.now() / 3_600_000)}`)
    .digest('hex')
    .slice(0, 32)

/** What an operator should look at. */
const alarming: ReadonlySet<AuditEntryType> = new Set(['refresh_reuse_detected'])

/** Writes entries to the service's log. The field `security` tells them from other lines. */
export function logAuditEntries(log: Logger, entries: readonly AuditEntry[]): void {
  for (const { type, userId, ip, sessionId } of entries) {
    log[alarming.has(type) ? 'warn' : 'info'](`Security: ${type.replaceAll('_', ' ')}`, {
      security: true,
      event: type,
      userId,
      ...(ip ? { ip } : {}),
      ...(sessionId ? { sessionId } : {}),
    })
  }
}

const atOnce = 5000

/** Deletes old entries, in batches. Nodes that do so at the same time share the work. */
export async function purgeAuditLog(ctx: WithPool, signal?: AbortSignal): Promise<void> {
  const { rowCount } = await ctx.pool.query(
    `DELETE FROM security_events WHERE id IN (
  SELECT id FROM security_events
  WHERE at < now() - interval '30 days' AND (user_id IS NULL AND type = 'sign_in_failed' OR at < now() - interval '1 year')
  ORDER BY at LIMIT $1 FOR UPDATE SKIP LOCKED
)`,
    [atOnce],
  )
  if (rowCount === atOnce && !signal?.aborted) await purgeAuditLog(ctx, signal)
}
