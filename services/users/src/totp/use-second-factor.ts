import type pg from 'pg'
import { stepOfCode } from '../auth/totp.ts'
import type { Sealer } from '../keys/sealer.ts'
import { recoveryHash } from './recovery-code.ts'
import { openTotpSecret } from './totp-secret.ts'

export interface SecondFactor {
  userId: string
  /** Sealed. */
  secret: Uint8Array | null
  typed: string
}

/** Whether text looks like a code of an authenticator app, which can be guessed, and not like a recovery code. */
export const isAppCode = (typed: string) => /^\d{6}$/.test(typed.replace(/\s/g, ''))

/** Uses a code up: of two sign-ins with one code at the same moment, one gets through. Undefined for a wrong or used code. */
export async function useSecondFactor(
  tx: pg.PoolClient,
  sealer: Sealer,
  { userId, secret, typed }: SecondFactor,
): Promise<'app' | 'recovery' | undefined> {
  if (isAppCode(typed)) {
    if (!secret) return undefined
    const code = typed.replace(/\s/g, '')
    const step = stepOfCode(openTotpSecret(sealer, userId, secret), code, Date.now())
    return step !== undefined && (await takeStep(tx, userId, step)) ? 'app' : undefined
  }
  const hash = recoveryHash(typed)
  if (!hash) return undefined
  const { rowCount } = await tx.query('DELETE FROM recovery_codes WHERE user_id = $1 AND hash = $2', [
    userId,
    hash,
  ])
  return rowCount === 1 ? 'recovery' : undefined
}

/** A step counts once, and none before it any more (RFC 6238, 5.2). */
export async function takeStep(tx: pg.PoolClient, userId: string, step: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    `UPDATE users SET totp_last_step = $2
WHERE id = $1 AND (totp_last_step IS NULL OR totp_last_step < $2)`,
    [userId, step],
  )
  return rowCount === 1
}
