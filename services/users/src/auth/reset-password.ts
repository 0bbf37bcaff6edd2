import type { RouteBody, usersApi } from '@finnigram/contracts'
import { AppError, addressKey } from '@finnigram/service-kit'
import type { WithMetrics, WithPool } from '../deps.ts'
import type { WithSealer } from '../keys/sealer.ts'
import { enqueueNotice, type NoticeRecipient } from '../mail/mail-job.ts'
import { enqueueMails } from '../mail/mail-queue.ts'
import { consumeToken, requireToken, revokeTokens } from '../mail/mailed-token.ts'
import { type TransactionDeps, transactionWithOutbox } from '../transaction-with-outbox.ts'
import { claimAddress, rethrowAsGone } from './email-address.ts'
import type { WithHasher } from './password-hasher.ts'
import { requireImpersonalPassword } from './password-policy.ts'
import { endSessions } from './sessions.ts'

/**
 * Enqueues the mail that sets a new password. The account is looked up later, when the mail is
 * made: for known and unknown addresses this call does the same, one insert.
 */
export async function forgotPassword(
  { pool, sealer, metrics }: WithPool & WithSealer & WithMetrics,
  { ip }: { ip: string },
  email: string,
): Promise<void> {
  await enqueueMails(pool, { sealer, metrics }, [{ kind: 'reset_password', email, ip }])
}

type Reset = RouteBody<typeof usersApi.resetPassword>

/**
 * Sets a new password with a mailed token. Ends all sessions, revokes all mailed tokens, cancels a
 * pending change of address, and proves the address. Throws `gone`.
 *
 * The second factor stays if the address was proven. Otherwise it is removed: who reads the mail
 * owns the address, and someone else may have set the factor up.
 */
export async function resetPassword(
  ctx: TransactionDeps & WithHasher,
  { ip }: { ip: string },
  { token, newPassword }: Reset,
): Promise<void> {
  // Saves hashing a password for an invalid token. `consumeToken` decides.
  const found = await requireToken(ctx.pool, token, 'reset_password')
  await requireImpersonalPassword(ctx.pool, found.userId, newPassword)
  const next = await ctx.hasher.hash(newPassword, addressKey(ip))
  await transactionWithOutbox(ctx, async (tx, emit, { audit, enqueueMail }) => {
    await claimAddress(tx, found, emit)
    const owner = await consumeToken(tx, token, 'reset_password')
    const { rows } = await tx
      .query<ResetAccount>(setPassword, [owner.userId, next, owner.emailKey])
      .catch(rethrowAsGone)
    if (!rows[0]) throw new AppError('gone')
    if (!rows[0].wasProven) await tx.query('DELETE FROM recovery_codes WHERE user_id = $1', [owner.userId])
    await endSessions(tx, { userId: owner.userId, all: true }, emit)
    await revokeTokens(tx, owner.userId)
    audit({ type: 'password_reset', userId: owner.userId, ip })
    if (rows[0].pending) audit({ type: 'email_change_cancelled', userId: owner.userId, ip })
    if (rows[0].lostFactor) {
      audit({ type: 'totp_disabled', userId: owner.userId, ip })
      enqueueNotice(enqueueMail, 'totp_disabled', rows[0])
    }
    enqueueNotice(enqueueMail, 'password_reset', rows[0])
  })
}

interface ResetAccount extends NoticeRecipient {
  wasProven: boolean
  pending: boolean
  lostFactor: boolean
}

const setPassword = `UPDATE users u SET password_hash = $2, email_verified = true, pending_email = NULL, pending_email_key = NULL,
  totp_enabled = u.totp_enabled AND before.proven, totp_secret = CASE WHEN before.proven THEN u.totp_secret END
FROM (SELECT id, email_verified AS proven, totp_enabled AS factor, pending_email IS NOT NULL AS pending FROM users WHERE id = $1) before
WHERE u.id = before.id AND u.email_key = $3
RETURNING u.id, u.username, u.email, u.email_verified AS "emailVerified", before.proven AS "wasProven", before.pending, before.factor AND NOT before.proven AS "lostFactor"`
