import { AppError } from '@finnigram/service-kit'
import type pg from 'pg'
import type { Note } from '../audit/audit-log.ts'
import type { UsersContext } from '../context.ts'
import type { Caller } from './caller.ts'
import { checkOwnPassword } from './check-own-password.ts'
import { limitCodes, lockAccount, requireSecondFactor } from './second-factor.ts'

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
