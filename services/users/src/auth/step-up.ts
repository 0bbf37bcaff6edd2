import type { Actor, RateLimit } from '@finnigram/service-kit'
import { AppError } from '@finnigram/service-kit'
import type pg from 'pg'
import type { Note } from '../audit/audit-log.ts'
import { noteNow } from '../audit/audit-log.ts'
import type { UsersContext } from '../context.ts'
import { commitFacts } from '../transaction-with-outbox.ts'
import { type Guarded, limitCodes } from './brute-force-protection.ts'
import { lockAccount, requireSecondFactor } from './second-factor.ts'
import type { Caller } from './sessions.ts'
import { requireSession } from './sessions.ts'

/** What a caller shows besides their access token. */
export interface Proof {
  password?: string | undefined
  totp?: string | undefined
}

/** Makes sure, inside the transaction that changes something, that the proof still holds; uses the code up. */
export type ConfirmProof = (tx: pg.PoolClient, note: Note) => Promise<void>

/**
 * Step-up authentication: an access token alone, however fresh, must not change how an account is entered. Checks the
 * password first, because hashing takes long; what it returns belongs into the transaction. Throws
 * `reauthentication_required` without a password, `totp_required` where a code is missing, `invalid_credentials` for a
 * wrong one, and `rate_limited` after ten tries.
 */
export async function stepUp(
  ctx: UsersContext,
  caller: Caller,
  { password, totp }: Proof,
): Promise<ConfirmProof> {
  if (password === undefined) throw new AppError('reauthentication_required')
  const { userId, sessionId } = caller.actor
  const account = await checkOwnPassword(ctx, caller, password)
  if (account.totpEnabled) await limitCodes(ctx, account, { totp, ip: caller.ip })
  return async (tx, note) => {
    const locked = await lockAccount(tx, userId, account.passwordHash)
    if (locked.totpEnabled) {
      const factor = { userId, secret: locked.totpSecret, typed: totp, ip: caller.ip }
      await requireSecondFactor(tx, ctx, { ...factor, note })
    }
    const { rowCount } = await tx.query(
      'UPDATE sessions SET authenticated_at = now() WHERE id = $1 AND user_id = $2',
      [sessionId, userId],
    )
    if (rowCount === 0) throw new AppError('unauthenticated')
  }
}

/** By session: a stolen access token is no way to guess the password, and whoever holds one locks out nobody else. */
const guesses: RateLimit = { name: 'own-password', points: 10, perSeconds: 900 }

/** What the password of an account protects, as it stood when the password was checked. */
type OwnAccount = Guarded & { totpEnabled: boolean }

/** Checks the password of the caller, which they gave as `field`. Throws `invalid_credentials`, and `rate_limited` after ten tries in a quarter of an hour. */
export async function checkOwnPassword(
  ctx: UsersContext,
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
  await noteNow(ctx, { type: 'password_check_failed', userId, sessionId, ip })
  throw new AppError('invalid_credentials', { errors: [{ path: `body.${field}`, message: 'Is wrong' }] })
}

/** Lets the caller's session count as signed in just now (`requireRecentSignIn`). Throws what `stepUp` throws. */
export async function reauthenticate(ctx: UsersContext, caller: Caller, proof: Proof): Promise<void> {
  const confirm = await stepUp(ctx, caller, proof)
  await commitFacts(ctx, (tx, _tell, { note }) => confirm(tx, note))
}

/** Minutes for which a sign-in, or a password given again, is recent. */
const recentMinutes = 15

/**
 * For what hands out much and cannot carry a password itself. Throws `reauthentication_required` where the password was
 * not given in this session lately (see `reauthenticate`), `unauthenticated` where the session is over. What changes how
 * an account is entered asks for more: `stepUp`.
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
