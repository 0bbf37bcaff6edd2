import { type Actor, AppError, type RateLimit } from '@finnigram/service-kit'
import type pg from 'pg'
import { type Audit, recordAuditEntry } from '../audit/audit-log.ts'
import type { WithLimits, WithLog, WithPool } from '../deps.ts'
import type { WithSealer } from '../keys/sealer.ts'
import { type TransactionDeps, transactionWithOutbox } from '../transaction-with-outbox.ts'
import { type GuardedAccount, limitCodeGuesses } from './brute-force-protection.ts'
import type { WithHasher } from './password-hasher.ts'
import { lockAccount, requireSecondFactor } from './second-factor.ts'
import { type Caller, requireSession } from './sessions.ts'

/*
 * Step-up authentication: sensitive changes need the password again, and the second factor if it
 * is on. An access token alone, even a fresh one, must not change how an account is entered.
 *
 * Two levels
 * - `stepUp`: password and code with the very request. For another e-mail address, the second
 *   factor, and deleting the account. `changePassword` checks the present password itself.
 * - `requireRecentSignIn`: a sign-in or `reauthenticate` in this session within 15 minutes. For
 *   the export, a download that cannot carry a password.
 *
 * Procedure of `stepUp`
 * 1. Outside of a transaction: check the session, count the attempt, verify the password (slow).
 * 2. Return `confirm`, which runs in the transaction of the change. It locks the account, refuses
 *    if the password was changed meanwhile, and uses the code up.
 * So a change that fails does not use up a code, and of two changes with one code one succeeds.
 *
 * Attempts are limited per session: a thief with an access token cannot guess the password, and
 * cannot lock the owner out of other sessions. Codes are limited as at sign-in
 * (`brute-force-protection.ts`).
 */

export type PasswordCheckDeps = WithPool & WithLog & WithLimits & WithHasher
export type StepUpDeps = PasswordCheckDeps & WithSealer

/** What a caller sends besides their access token. */
export interface Proof {
  password?: string | undefined
  totp?: string | undefined
}

/** Confirms the proof within the transaction of the change, and uses the code up. */
export type ConfirmProof = (tx: pg.PoolClient, audit: Audit) => Promise<void>

/**
 * Checks the password. Call what it returns within the transaction of the change. Throws
 * `reauthentication_required` without a password, `totp_required` without a needed code,
 * `invalid_credentials` if either is wrong, `rate_limited` after ten attempts in a quarter of an
 * hour.
 */
export async function stepUp(
  ctx: StepUpDeps,
  caller: Caller,
  { password, totp }: Proof,
): Promise<ConfirmProof> {
  if (password === undefined) throw new AppError('reauthentication_required')
  const { userId, sessionId } = caller.actor
  const account = await verifyOwnPassword(ctx, caller, password)
  if (account.totpEnabled) await limitCodeGuesses(ctx, account, { totp, ip: caller.ip })
  return async (tx, audit) => {
    const locked = await lockAccount(tx, userId, account.passwordHash)
    if (locked.totpEnabled) {
      const factor = { userId, secret: locked.totpSecret, typed: totp, ip: caller.ip }
      await requireSecondFactor(tx, ctx, { ...factor, audit })
    }
    const { rowCount } = await tx.query(
      'UPDATE sessions SET authenticated_at = now() WHERE id = $1 AND user_id = $2',
      [sessionId, userId],
    )
    if (rowCount === 0) throw new AppError('unauthenticated')
  }
}

/** Per session. */
const guesses: RateLimit = { name: 'own-password', points: 10, perSeconds: 900 }

/** The account as it was when its password was checked. */
type OwnAccount = GuardedAccount & { totpEnabled: boolean }

/**
 * Verifies the caller's password, sent as `field`. Throws `invalid_credentials` and
 * `rate_limited`.
 */
export async function verifyOwnPassword(
  ctx: PasswordCheckDeps,
  { actor, ip }: Caller,
  password: string,
  field = 'password',
): Promise<OwnAccount> {
  const { userId, sessionId } = actor
  await requireSession(ctx.pool, actor)
  await ctx.limits.consume(guesses, sessionId)
  const { rows } = await ctx.pool.query<OwnAccount>(
    `SELECT id, password_hash AS "passwordHash", totp_enabled AS "totpEnabled", totp_last_step AS "totpLastStep"
FROM users WHERE id = $1 AND deleted_at IS NULL`,
    [userId],
  )
  const account = rows[0]
  const { matches } = await ctx.hasher.verify(password, account?.passwordHash)
  if (account && matches) return account
  await recordAuditEntry(ctx, { type: 'password_check_failed', userId, sessionId, ip })
  throw new AppError('invalid_credentials', { errors: [{ path: `body.${field}`, message: 'Is wrong' }] })
}

/**
 * Makes the caller's session recently signed in (`requireRecentSignIn`). Throws what `stepUp`
 * throws.
 */
export async function reauthenticate(
  ctx: StepUpDeps & TransactionDeps,
  caller: Caller,
  proof: Proof,
): Promise<void> {
  const confirm = await stepUp(ctx, caller, proof)
  await transactionWithOutbox(ctx, (tx, _emit, { audit }) => confirm(tx, audit))
}

/** Minutes for which a sign-in, or a reauthentication, is recent. */
const recentMinutes = 15

/**
 * Throws `reauthentication_required` if the last sign-in or `reauthenticate` of this session is too
 * long ago, `unauthenticated` if the session has ended.
 */
export async function requireRecentSignIn(
  tx: pg.Pool | pg.PoolClient,
  { sessionId, userId }: Actor,
): Promise<void> {
  const { rows } = await tx.query<{ isRecent: boolean }>(
    `SELECT authenticated_at > now() - make_interval(mins => $3) AS "isRecent" FROM sessions
WHERE id = $1 AND user_id = $2`,
    [sessionId, userId, recentMinutes],
  )
  if (!rows[0]) throw new AppError('unauthenticated')
  if (!rows[0].isRecent) throw new AppError('reauthentication_required')
}
