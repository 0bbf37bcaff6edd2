import type { RouteBody, usersApi } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'
import { enqueueNotice, type NoticeRecipient } from '../mail/mail-job.ts'
import { revokeTokens } from '../mail/mailed-token.ts'
import { type TransactionDeps, transactionWithOutbox } from '../transaction-with-outbox.ts'
import { requireImpersonalPassword } from './password-policy.ts'
import { type Caller, endSessions, requireSession } from './sessions.ts'
import { type PasswordCheckDeps, verifyOwnPassword } from './step-up.ts'

type Change = RouteBody<typeof usersApi.changePassword>

/**
 * Changes the password, ends all other sessions, revokes mailed links that set a password, and
 * cancels a pending change of address. Throws `invalid_credentials` if the present one is wrong.
 */
export async function changePassword(
  ctx: TransactionDeps & PasswordCheckDeps,
  caller: Caller,
  { currentPassword, newPassword }: Change,
): Promise<void> {
  const { userId, sessionId } = caller.actor
  const { passwordHash } = await verifyOwnPassword(ctx, caller, currentPassword, 'currentPassword')
  await requireImpersonalPassword(ctx.pool, userId, newPassword)
  const next = await ctx.hasher.hash(newPassword)
  await transactionWithOutbox(ctx, async (tx, emit, { audit, enqueueMail }) => {
    await requireSession(tx, caller.actor)
    const { rows } = await tx.query<NoticeRecipient & { pending: boolean }>(
      `UPDATE users u SET password_hash = $3, pending_email = NULL, pending_email_key = NULL
FROM (SELECT id, pending_email IS NOT NULL AS pending FROM users WHERE id = $1) before
WHERE u.id = before.id AND u.password_hash = $2
RETURNING u.id, u.username, u.email, u.email_verified AS "emailVerified", before.pending`,
      [userId, passwordHash, next],
    )
    // The password was changed meanwhile, so the caller no longer gave the present one.
    if (!rows[0]) throw new AppError('invalid_credentials')
    await tx.query('UPDATE sessions SET authenticated_at = now() WHERE id = $1', [sessionId])
    await endSessions(tx, { userId, except: sessionId }, emit)
    await revokeTokens(tx, userId, 'reset_password')
    audit({ type: 'password_changed', userId, sessionId, ip: caller.ip })
    if (rows[0].pending) audit({ type: 'email_change_cancelled', userId, sessionId, ip: caller.ip })
    enqueueNotice(enqueueMail, 'password_changed', rows[0])
  })
}
