import type { RouteReply, usersApi } from '@finnigram/contracts'
import { AppError, type RateLimit } from '@finnigram/service-kit'
import type pg from 'pg'
import type { WithLimits, WithPrisma } from '../deps.ts'
import { enqueueNotice, type NoticeRecipient } from '../mail/mail-job.ts'
import { type TransactionDeps, transactionWithOutbox } from '../transaction-with-outbox.ts'
import { consumeTotpStep, newRecoveryCode, recoveryHash } from './second-factor.ts'
import { type Caller, requireSession } from './sessions.ts'
import { type Proof, type StepUpDeps, stepUp } from './step-up.ts'
import { describeTotp, generateTotpSecret, matchTotpStep, openTotpSecret, sealTotpSecret } from './totp.ts'

type TotpDeps = TransactionDeps & StepUpDeps

/**
 * Creates a shared secret, which has no effect until `confirmTotp`. Needs the password: a thief
 * with an access token could lock the owner out. Throws `conflict` if a second factor is on, and
 * what `stepUp` throws.
 */
export async function startTotp(
  ctx: TotpDeps & WithPrisma,
  caller: Caller,
  proof: Proof,
): Promise<RouteReply<typeof usersApi.startTotp>> {
  const { userId } = caller.actor
  if (await hasTotp(ctx, userId)) throw alreadyOn()
  const confirm = await stepUp(ctx, caller, proof)
  const secret = generateTotpSecret()
  const username = await transactionWithOutbox(ctx, async (tx, _emit, { audit }) => {
    await confirm(tx, audit)
    const { rows } = await tx.query<{ username: string }>(
      'UPDATE users SET totp_secret = $2, totp_last_step = NULL WHERE id = $1 AND NOT totp_enabled RETURNING username',
      [userId, sealTotpSecret(ctx.sealer, userId, secret)],
    )
    if (!rows[0]) throw alreadyOn()
    return rows[0].username
  })
  return describeTotp(secret, username)
}

const alreadyOn = () => new AppError('conflict', { detail: 'The second factor is on already' })

async function hasTotp({ prisma }: WithPrisma, userId: string): Promise<boolean> {
  const user = await prisma.user.findUnique({ where: { id: userId }, select: { totpEnabled: true } })
  return user?.totpEnabled ?? false
}

const recoveryCodeCount = 10
const guesses: RateLimit = { name: 'totp-confirm', points: 10, perSeconds: 900 }

interface Pending extends NoticeRecipient {
  secret: Uint8Array | null
  isOn: boolean
}

/**
 * Turns the second factor on and returns ten recovery codes, which are never shown again. Throws
 * `conflict` if it was not started or is on already, `invalid_credentials` for a wrong code.
 */
export async function confirmTotp(
  ctx: TransactionDeps & WithLimits,
  { actor, ip }: Caller,
  code: string,
): Promise<RouteReply<typeof usersApi.confirmTotp>> {
  const { userId, sessionId } = actor
  await ctx.limits.consume(guesses, sessionId)
  const recoveryCodes = Array.from({ length: recoveryCodeCount }, newRecoveryCode)
  await transactionWithOutbox(ctx, async (tx, _emit, { audit, enqueueMail }) => {
    await requireSession(tx, actor)
    const pending = await lockPending(tx, userId)
    if (!pending || pending.isOn || !pending.secret) throw new AppError('conflict')
    const secret = openTotpSecret(ctx.sealer, userId, pending.secret)
    const step = matchTotpStep(secret, code.replace(/\s/g, ''), Date.now())
    if (step === undefined || !(await consumeTotpStep(tx, userId, step)))
      throw new AppError('invalid_credentials', {
        errors: [{ path: 'body.code', message: 'Is wrong, or was used already' }],
      })
    await tx.query('UPDATE users SET totp_enabled = true WHERE id = $1', [userId])
    await storeRecoveryCodes(tx, userId, recoveryCodes)
    audit({ type: 'totp_enabled', userId, sessionId, ip })
    enqueueNotice(enqueueMail, 'totp_enabled', pending)
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

async function storeRecoveryCodes(tx: pg.PoolClient, userId: string, codes: string[]): Promise<void> {
  await tx.query('DELETE FROM recovery_codes WHERE user_id = $1', [userId])
  await tx.query('INSERT INTO recovery_codes (user_id, hash) SELECT $1, unnest($2::bytea[])', [
    userId,
    codes.map(recoveryHash),
  ])
}

/**
 * Turns the second factor off and deletes its secret and recovery codes. Throws what `stepUp`
 * throws.
 */
export async function endTotp(ctx: TotpDeps, caller: Caller, proof: Proof): Promise<void> {
  const { userId, sessionId } = caller.actor
  const confirm = await stepUp(ctx, caller, proof)
  await transactionWithOutbox(ctx, async (tx, _emit, { audit, enqueueMail }) => {
    await confirm(tx, audit)
    const { rows } = await tx.query<NoticeRecipient & { wasOn: boolean }>(
      `UPDATE users u SET totp_secret = NULL, totp_enabled = false
FROM (SELECT id, totp_enabled FROM users WHERE id = $1 FOR NO KEY UPDATE) before
WHERE u.id = before.id RETURNING u.id, u.username, u.email, u.email_verified AS "emailVerified", before.totp_enabled AS "wasOn"`,
      [userId],
    )
    await tx.query('DELETE FROM recovery_codes WHERE user_id = $1', [userId])
    if (!rows[0]?.wasOn) return
    audit({ type: 'totp_disabled', userId, sessionId, ip: caller.ip })
    enqueueNotice(enqueueMail, 'totp_disabled', rows[0])
  })
}
