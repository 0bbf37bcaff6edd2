import { AppError, addressKey } from '@finnigram/service-kit'
import type pg from 'pg'
import type { Note } from '../audit/audit-log.ts'
import type { UsersContext } from '../context.ts'
import { codeGuesses, codeGuessesHere } from '../limits.ts'
import { isAppCode, useSecondFactor } from '../totp/use-second-factor.ts'
import { codesOf, type Guarded } from './brute-force-protection.ts'
import { limitGuesses } from './limit-guesses.ts'

/** Counts a guess at a code. Recovery codes cannot be guessed, and stay open to who is kept from guessing. Throws `rate_limited`. */
export async function limitCodes(
  ctx: Pick<UsersContext, 'limits' | 'pool'>,
  account: Guarded,
  { totp, ip }: { totp: string | undefined; ip: string },
): Promise<void> {
  if (totp === undefined || !isAppCode(totp)) return
  await ctx.limits.consume(codeGuessesHere, `${account.id} ${addressKey(ip)}`)
  await limitGuesses(ctx, codeGuesses, { account: codesOf(account), userId: account.id, ip })
}

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
