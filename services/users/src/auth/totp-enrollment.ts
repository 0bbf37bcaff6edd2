import type { RouteReply, usersApi } from '@finnigram/contracts'
import type { RateLimit } from '@finnigram/service-kit'
import { AppError } from '@finnigram/service-kit'
import type pg from 'pg'
import type { UsersContext } from '../context.ts'
import type { Notified } from '../mail/mail-job.ts'
import { mailNotice } from '../mail/mail-job.ts'
import { commitFacts } from '../transaction-with-outbox.ts'
import { newRecoveryCode, recoveryHash, takeStep } from './second-factor.ts'
import type { Caller } from './sessions.ts'
import { requireSession } from './sessions.ts'
import { type Proof, stepUp } from './step-up.ts'
import { describeTotp, newTotpSecret, openTotpSecret, sealTotpSecret, stepOfCode } from './totp.ts'

/** Makes a shared secret, which counts for nothing until `confirmTotp`. It needs the password: a thief could lock the owner out. Throws `conflict` where a second factor is on, and what `stepUp` throws. */
export async function startTotp(
  ctx: UsersContext,
  caller: Caller,
  proof: Proof,
): Promise<RouteReply<typeof usersApi.startTotp>> {
  const { userId } = caller.actor
  if (await hasTotp(ctx, userId)) throw isOnAlready()
  const confirm = await stepUp(ctx, caller, proof)
  const secret = newTotpSecret()
  const username = await commitFacts(ctx, async (tx, _tell, { note }) => {
    await confirm(tx, note)
    const { rows } = await tx.query<{ username: string }>(
      'UPDATE users SET totp_secret = $2, totp_last_step = NULL WHERE id = $1 AND NOT totp_enabled RETURNING username',
      [userId, sealTotpSecret(ctx.sealer, userId, secret)],
    )
    if (!rows[0]) throw isOnAlready()
    return rows[0].username
  })
  return describeTotp(secret, username)
}

const isOnAlready = () => new AppError('conflict', { detail: 'The second factor is on already' })

async function hasTotp({ pool }: UsersContext, userId: string): Promise<boolean> {
  const { rowCount } = await pool.query('SELECT FROM users WHERE id = $1 AND totp_enabled', [userId])
  return rowCount === 1
}

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

/** Turns the second factor off and forgets its secret and recovery codes; where it is off, it stays off. Throws what `stepUp` throws. */
export async function endTotp(ctx: UsersContext, caller: Caller, proof: Proof): Promise<void> {
  const { userId, sessionId } = caller.actor
  const confirm = await stepUp(ctx, caller, proof)
  await commitFacts(ctx, async (tx, _tell, { note, post }) => {
    await confirm(tx, note)
    const { rows } = await tx.query<Notified & { wasOn: boolean }>(
      `UPDATE users u SET totp_secret = NULL, totp_enabled = false
FROM (SELECT id, totp_enabled FROM users WHERE id = $1 FOR NO KEY UPDATE) before
WHERE u.id = before.id RETURNING u.id, u.username, u.email, u.email_verified AS "emailVerified", before.totp_enabled AS "wasOn"`,
      [userId],
    )
    await tx.query('DELETE FROM recovery_codes WHERE user_id = $1', [userId])
    if (!rows[0]?.wasOn) return
    note({ type: 'totp_disabled', userId, sessionId, ip: caller.ip })
    mailNotice(post, 'totp_disabled', rows[0])
  })
}
