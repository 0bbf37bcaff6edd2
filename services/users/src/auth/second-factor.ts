import { hash, randomBytes } from 'node:crypto'
import { AppError } from '@finnigram/service-kit'
import type pg from 'pg'
import type { Note } from '../audit/audit-log.ts'
import type { UsersContext } from '../context.ts'
import type { Sealer } from '../keys/sealer.ts'
import { isAppCode, openTotpSecret, stepOfCode } from './totp.ts'

/** A password that is changed while somebody uses the old one: either they are too late, or what they do is there to be undone. Throws `invalid_credentials`. */
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

/** Uses a code up. Throws `totp_required` where there is none, `invalid_credentials` for a wrong one. */
export async function requireSecondFactor(
  tx: pg.PoolClient,
  { sealer }: Pick<UsersContext, 'sealer'>,
  factor: { userId: string; secret: Uint8Array | null; typed: string | undefined; ip: string; note: Note },
): Promise<void> {
  const { userId, secret, typed, ip, note } = factor
  if (typed === undefined) throw new AppError('totp_required')
  const used = await useSecondFactor(tx, sealer, { userId, secret, typed })
  if (!used)
    throw new AppError('invalid_credentials', {
      errors: [{ path: 'body.totp', message: 'Is wrong, or was used already' }],
    })
  if (used === 'recovery') note({ type: 'recovery_code_used', userId, ip })
}

interface SecondFactor {
  userId: string
  /** Sealed. */
  secret: Uint8Array | null
  typed: string
}

/** Uses a code up: of two sign-ins with one code at the same moment, one gets through. Undefined for a wrong or used code. */
async function useSecondFactor(
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

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
const length = 24
const groups = /.{6}(?!$)/g

/** A recovery code of 120 bits: too many to guess, so a plain SHA-256 keeps it (OWASP ASVS 5, 6.5.2). */
export function newRecoveryCode(): string {
  const letters = Array.from(randomBytes(length), (byte) => alphabet[byte % alphabet.length])
  return letters.join('').replace(groups, '$&-')
}

/** What is stored of a code, or undefined for text that cannot be one; case, spaces and dashes do not count. */
export function recoveryHash(typed: string): Buffer | undefined {
  const code = typed.toLowerCase().replace(/[\s-]/g, '')
  return code.length === length && /^[a-z2-7]+$/.test(code) ? hash('sha256', code, 'buffer') : undefined
}
