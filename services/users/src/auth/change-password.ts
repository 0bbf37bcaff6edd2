import type { RouteBody, usersApi } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'
import type { UsersContext } from '../context.ts'
import { mailNotice, type Notified } from '../mail/mail-job.ts'
import { voidTokens } from '../mail/mailed-token.ts'
import { commitFacts } from '../transaction-with-outbox.ts'
import { refusePersonalPassword } from './password-policy.ts'
import type { Caller } from './sessions.ts'
import { deleteSessions, requireSession } from './sessions.ts'
import { checkOwnPassword } from './step-up.ts'

type Change = RouteBody<typeof usersApi.changePassword>

/** Sets another password, signs all other devices out, and takes back mailed links and a change of address that waits. Throws `invalid_credentials` where the present password is wrong. */
export async function changePassword(
  ctx: UsersContext,
  caller: Caller,
  { currentPassword, newPassword }: Change,
): Promise<void> {
  const { userId, sessionId } = caller.actor
  const { passwordHash } = await checkOwnPassword(ctx, caller, currentPassword, 'currentPassword')
  await refusePersonalPassword(ctx.pool, userId, newPassword)
  const next = await ctx.hasher.hash(newPassword)
  await commitFacts(ctx, async (tx, tell, { note, post }) => {
    await requireSession(tx, caller.actor)
    const { rows } = await tx.query<Notified & { pending: boolean }>(
      `UPDATE users u SET password_hash = $3, pending_email = NULL, pending_email_key = NULL
FROM (SELECT id, pending_email IS NOT NULL AS pending FROM users WHERE id = $1) before
WHERE u.id = before.id AND u.password_hash = $2
RETURNING u.id, u.username, u.email, u.email_verified AS "emailVerified", before.pending`,
      [userId, passwordHash, next],
    )
    // Somebody else changed it meanwhile: what the caller typed is the password no more.
    if (!rows[0]) throw new AppError('invalid_credentials')
    await tx.query('UPDATE sessions SET authenticated_at = now() WHERE id = $1', [sessionId])
    await deleteSessions(tx, { userId, except: sessionId }, tell)
    await voidTokens(tx, userId, 'reset_password')
    note({ type: 'password_changed', userId, sessionId, ip: caller.ip })
    if (rows[0].pending) note({ type: 'email_change_cancelled', userId, sessionId, ip: caller.ip })
    mailNotice(post, 'password_changed', rows[0])
  })
}
