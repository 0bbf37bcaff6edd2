import { hash, randomBytes } from 'node:crypto'
import { AppError } from '@finnigram/service-kit'
import type pg from 'pg'
import type { Audit } from '../audit/audit-log.ts'
import type { Sealer, WithSealer } from '../keys/sealer.ts'
import { isTotpCode, matchTotpStep, openTotpSecret } from './totp.ts'

/**
 * Locks an account if it still has this password. So a concurrent change of the password either
 * comes first and refuses the caller, or comes later and ends the caller's session. Throws
 * `invalid_credentials`.
 */
export async function lockAccount(
  tx: pg.PoolClient,
  userId: string,
  passwordHash: string,
): Promise<{ totpEnabled: boolean; totpSecret: Uint8Array | null }> {
  const { rows } = await tx.query<{ totpEnabled: boolean; totpSecret: Uint8Array | null }>(
    `SELECT totp_enabled AS "totpEnabled", totp_secret AS "totpSecret" FROM users
WHERE id = $1 AND password_hash = $2 AND deleted_at IS NULL FOR NO KEY UPDATE`,
    [userId, passwordHash],
  )
  if (!rows[0]) throw new AppError('invalid_credentials')
  return rows[0]
}

/**
 * Verifies a code and uses it up. Throws `totp_required` without one, `invalid_credentials` for a
 * wrong one.
 */
export async function requireSecondFactor(
  tx: pg.PoolClient,
  { sealer }: WithSealer,
  factor: { userId: string; secret: Uint8Array | null; typed: string | undefined; ip: string; audit: Audit },
): Promise<void> {
  const { userId, secret, typed, ip, audit } = factor
  if (typed === undefined) throw new AppError('totp_required')
  const used = await consumeSecondFactor(tx, sealer, { userId, secret, typed })
  if (!used)
    throw new AppError('invalid_credentials', {
      errors: [{ path: 'body.totp', message: 'Is wrong, or was used already' }],
    })
  if (used === 'recovery') audit({ type: 'recovery_code_used', userId, ip })
}

interface SecondFactor {
  userId: string
  /** Sealed. */
  secret: Uint8Array | null
  typed: string
}

/**
 * Uses a code up: of concurrent callers with one code, one succeeds. Undefined for a wrong or used
 * code.
 */
async function consumeSecondFactor(
  tx: pg.PoolClient,
  sealer: Sealer,
  { userId, secret, typed }: SecondFactor,
): Promise<'app' | 'recovery' | undefined> {
  if (isTotpCode(typed)) {
    if (!secret) return undefined
    const code = typed.replace(/\s/g, '')
    const step = matchTotpStep(openTotpSecret(sealer, userId, secret), code, Date.now())
    return step !== undefined && (await consumeTotpStep(tx, userId, step)) ? 'app' : undefined
  }
  const hash = recoveryHash(typed)
  if (!hash) return undefined
  const { rowCount } = await tx.query('DELETE FROM recovery_codes WHERE user_id = $1 AND hash = $2', [
    userId,
    hash,
  ])
  return rowCount === 1 ? 'recovery' : undefined
}

/** Uses a time step up: it counts once, and no earlier step counts any more (RFC 6238, 5.2). */
export async function consumeTotpStep(tx: pg.PoolClient, userId: string, step: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    `UPDATE users SET totp_last_step = $2
WHERE id = $1 AND (totp_last_step IS NULL OR totp_last_step < $2)`,
    [userId, step],
  )
  return rowCount === 1
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
const length = 24
const groups = /.{6}(?!$)/g

/**
 * A recovery code of 120 bits: too long to guess, so a plain SHA-256 protects it (OWASP ASVS 5,
 * 6.5.2).
 */
export function newRecoveryCode(): string {
  const letters = Array.from(randomBytes(length), (byte) => alphabet[byte % alphabet.length])
  return letters.join('').replace(groups, '$&-')
}

/**
 * The stored form of a recovery code. Ignores case, spaces, dashes. Undefined for what cannot be a
 * code.
 */
export function recoveryHash(typed: string): Buffer | undefined {
  const code = typed.toLowerCase().replace(/[\s-]/g, '')
  return code.length === length && /^[a-z2-7]+$/.test(code) ? hash('sha256', code, 'buffer') : undefined
}
