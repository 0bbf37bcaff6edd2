import { type Actor, AppError } from '@finnigram/service-kit'
import type pg from 'pg'
import { enqueueNotice, enqueueVerification, unprovenAddress } from '../mail/mail-job.ts'
import { consumeToken, requireToken, revokeTokens } from '../mail/mailed-token.ts'
import { type UserRow, userColumns } from '../people/user-row.ts'
import { toSharedUser } from '../people/user-views.ts'
import { type TransactionDeps, transactionWithOutbox } from '../transaction-with-outbox.ts'
import { claimAddress, releaseAddress, rethrowAsGone } from './email-address.ts'
import { emailKey } from './email-key.ts'
import { requireSession } from './sessions.ts'

/**
 * Proves an address with the token that was mailed to it. From then on it belongs to this account
 * alone. Throws `gone` for a used, replaced or expired token, and if the account no longer has the
 * address.
 */
export async function verifyEmail(
  ctx: TransactionDeps,
  { ip }: { ip: string },
  token: string,
): Promise<void> {
  await transactionWithOutbox(ctx, async (tx, emit, { audit, enqueueMail }) => {
    await claimAddress(tx, await requireToken(tx, token, 'verify_email'), emit)
    const { userId, emailKey } = await consumeToken(tx, token, 'verify_email')
    const { rows } = await tx
      .query<UserRow & { emailBefore: string | null; wasProven: boolean }>(prove, [userId, emailKey])
      .catch(rethrowAsGone)
    const user = rows[0]
    if (!user) throw new AppError('gone')
    // The link opens in any browser. The event makes the person's devices fetch their profile.
    emit(userId, 'user.updated', toSharedUser(user))
    await revokeTokens(tx, userId, 'verify_email')
    audit({ type: 'email_verified', userId, ip })
    if (user.emailBefore === user.email) return
    // Links mailed to the previous address must not set a password.
    await revokeTokens(tx, userId)
    audit({ type: 'email_changed', userId, ip })
    enqueueNotice(enqueueMail, 'email_changed', {
      ...user,
      email: user.emailBefore,
      emailVerified: user.wasProven,
    })
  })
}

/** The token was mailed to the present address or to the pending one. */
const prove = `UPDATE users u SET email_verified = true, version = u.version + 1,
  email = CASE WHEN u.pending_email_key = $2 THEN u.pending_email ELSE u.email END, email_key = $2,
  pending_email = NULL, pending_email_key = NULL
FROM (SELECT id, email, email_verified FROM users WHERE id = $1) before
WHERE u.id = before.id AND (u.email_key = $2 OR u.pending_email_key = $2)
RETURNING ${userColumns}, before.email AS "emailBefore", before.email_verified AS "wasProven"`

/**
 * Mails a new token that proves the caller's address. Throws `conflict` without an unproven
 * address.
 */
export async function resendVerification(ctx: TransactionDeps, actor: Actor): Promise<void> {
  await transactionWithOutbox(ctx, async (tx, emit, { enqueueMail }) => {
    await requireSession(tx, actor)
    const { rows } = await tx.query<Pick<UserRow, 'id' | 'email' | 'emailVerified' | 'pendingEmail'>>(
      `SELECT id, email, email_verified AS "emailVerified", pending_email AS "pendingEmail" FROM users WHERE id = $1`,
      [actor.userId],
    )
    const user = rows[0]
    const address = user && unprovenAddress(user)
    if (!user || !address) throw new AppError('conflict')
    const key = emailKey(address)
    if (await isProven(tx, key)) await releaseAddress(tx, { ids: [user.id], emailKey: key }, emit)
    else enqueueVerification(enqueueMail, user)
  })
}

/** Whether somebody has proven the address, which then belongs to them alone. */
async function isProven(tx: pg.PoolClient, key: string): Promise<boolean> {
  const { rowCount } = await tx.query('SELECT FROM users WHERE email_key = $1 AND email_verified', [key])
  return rowCount === 1
}
