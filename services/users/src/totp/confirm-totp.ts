import type { RouteReply, usersApi } from '@finnigram/contracts'
import { AppError, type RateLimit } from '@finnigram/service-kit'
import type pg from 'pg'
import type { Caller } from '../auth/caller.ts'
import { requireSession } from '../auth/require-session.ts'
import { stepOfCode } from '../auth/totp.ts'
import type { UsersContext } from '../context.ts'
import { mailNotice, type Notified } from '../mail/mail-notice.ts'
import { commitFacts } from '../transaction-with-outbox.ts'
import { newRecoveryCode, recoveryHash } from './recovery-code.ts'
import { openTotpSecret } from './totp-secret.ts'
import { takeStep } from './use-second-factor.ts'

const howManyCodes = 10
const guesses: RateLimit = { name: 'totp-confirm', points: 10, perSeconds: 900 }

interface Pending extends Notified {
  secret: Uint8Array | null
  isOn: boolean
}

/** Turns the second factor on and returns ten recovery codes, which are never shown again. Throws `conflict` where nothing was begun or it is on already, `invalid_credentials` for a wrong code. */
export async function confirmTotp(
  ctx: UsersContext,
  { actor, ip }: Caller,
  code: string,
): Promise<RouteReply<typeof usersApi.confirmTotp>> {
  const { userId, sessionId } = actor
  await ctx.limits.consume(guesses, sessionId)
  const recoveryCodes = Array.from({ length: howManyCodes }, newRecoveryCode)
  await commitFacts(ctx, async (tx, _tell, { note, post }) => {
    await requireSession(tx, actor)
    const pending = await lockPending(tx, userId)
    if (!pending || pending.isOn || !pending.secret) throw new AppError('conflict')
    const secret = openTotpSecret(ctx.sealer, userId, pending.secret)
    const step = stepOfCode(secret, code.replace(/\s/g, ''), Date.now())
    if (step === undefined || !(await takeStep(tx, userId, step)))
      throw new AppError('invalid_credentials', {
        errors: [{ path: 'body.code', message: 'Is wrong, or was used already' }],
      })
    await tx.query('UPDATE users SET totp_enabled = true WHERE id = $1', [userId])
    await storeCodes(tx, userId, recoveryCodes)
    note({ type: 'totp_enabled', userId, sessionId, ip })
    mailNotice(post, 'totp_enabled', pending)
  })
  return { recoveryCodes }
}

async function lockPending(tx: pg.PoolClient, userId: string): Promise<Pending | undefined> {
  const { rows } = await tx.query<Pending>(
    `SELECT id, username, email, email_verified AS "emailVerified", totp_secret AS secret, totp_enabled AS "isOn" FROM users
WHERE id = $1 FOR NO KEY UPDATE`,
    [userId],
  )
  return rows[0]
}

async function storeCodes(tx: pg.PoolClient, userId: string, codes: string[]): Promise<void> {
  await tx.query('DELETE FROM recovery_codes WHERE user_id = $1', [userId])
  await tx.query('INSERT INTO recovery_codes (user_id, hash) SELECT $1, unnest($2::bytea[])', [
    userId,
    codes.map(recoveryHash),
  ])
}
