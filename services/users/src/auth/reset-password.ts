import type { RouteBody, usersApi } from '@finnigram/contracts'
import { AppError, addressKey } from '@finnigram/service-kit'
import type { UsersContext } from '../context.ts'
import { mailNotice, type Notified } from '../mail/mail-job.ts'
import { queueMails } from '../mail/mail-queue.ts'
import { requireToken, takeToken, voidTokens } from '../mail/mailed-token.ts'
import { commitFacts } from '../transaction-with-outbox.ts'
import { claimAddress, refuseLate } from './email-address.ts'
import { refusePersonalPassword } from './password-policy.ts'
import { deleteSessions } from './sessions.ts'

type Reset = RouteBody<typeof usersApi.resetPassword>

/**
 * Sets a new password with a mailed token: all sessions end, all mailed tokens and a change of address that waits are
 * void, and the address is proven. The second factor stays, unless the address was never proven: then whoever reads its
 * mail is its owner, and whoever set the factor up may not be. Throws `gone`.
 */
export async function resetPassword(
  ctx: UsersContext,
  { ip }: { ip: string },
  { token, newPassword }: Reset,
): Promise<void> {
  // Spares the work of hashing for a token that is none; taking it decides all the same.
  const found = await requireToken(ctx.pool, token, 'reset_password')
  await refusePersonalPassword(ctx.pool, found.userId, newPassword)
  const next = await ctx.hasher.hash(newPassword, addressKey(ip))
  await commitFacts(ctx, async (tx, tell, { note, post }) => {
    await claimAddress(tx, found, tell)
    const owner = await takeToken(tx, token, 'reset_password')
    const { rows } = await tx
      .query<Entered>(enterAnew, [owner.userId, next, owner.emailKey])
      .catch(refuseLate)
    if (!rows[0]) throw new AppError('gone')
    if (!rows[0].wasProven) await tx.query('DELETE FROM recovery_codes WHERE user_id = $1', [owner.userId])
    await deleteSessions(tx, { userId: owner.userId, all: true }, tell)
    await voidTokens(tx, owner.userId)
    note({ type: 'password_reset', userId: owner.userId, ip })
    if (rows[0].pending) note({ type: 'email_change_cancelled', userId: owner.userId, ip })
    if (rows[0].lostFactor) {
      note({ type: 'totp_disabled', userId: owner.userId, ip })
      mailNotice(post, 'totp_disabled', rows[0])
    }
    mailNotice(post, 'password_reset', rows[0])
  })
}

interface Entered extends Notified {
  wasProven: boolean
  pending: boolean
  lostFactor: boolean
}

const enterAnew = `UPDATE users u SET password_hash = $2, email_verified = true, pending_email = NULL, pending_email_key = NULL,
  totp_enabled = u.totp_enabled AND before.proven, totp_secret = CASE WHEN before.proven THEN u.totp_secret END
FROM (SELECT id, email_verified AS proven, totp_enabled AS factor, pending_email IS NOT NULL AS pending FROM users WHERE id = $1) before
WHERE u.id = before.id AND u.email_key = $3
RETURNING u.id, u.username, u.email, u.email_verified AS "emailVerified", before.proven AS "wasProven", before.pending, before.factor AND NOT before.proven AS "lostFactor"`

/**
 * Queues the mail that sets a new password. Whether anyone has the address is looked up when the mail is made, a moment
 * later and out of the caller's sight: for known and unknown addresses this does the same, one insert.
 */
export async function forgotPassword(
  { pool, sealer, metrics }: Pick<UsersContext, 'pool' | 'sealer' | 'metrics'>,
  { ip }: { ip: string },
  email: string,
): Promise<void> {
  await queueMails(pool, { sealer, metrics }, [{ kind: 'reset_password', email, ip }])
}
