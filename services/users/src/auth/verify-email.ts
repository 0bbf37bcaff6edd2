import type { Actor } from '@finnigram/service-kit'
import { AppError } from '@finnigram/service-kit'
import type pg from 'pg'
import type { UsersContext } from '../context.ts'
import { mailNotice, mailVerification, unprovenAddress } from '../mail/mail-job.ts'
import { requireToken, takeToken, voidTokens } from '../mail/mailed-token.ts'
import { type UserRow, userColumns } from '../people/user-row.ts'
import { toSharedUser } from '../people/user-views.ts'
import { commitFacts } from '../transaction-with-outbox.ts'
import { claimAddress, refuseLate, takeAway } from './email-address.ts'
import { emailKey } from './email-key.ts'
import { requireSession } from './sessions.ts'

/**
 * Proves an address with the token that was mailed to it: from then on it is in use, and nobody else's. Throws `gone` for
 * a token that was used, replaced, has expired, or was for an address the person neither has nor waits for any more.
 */
export async function verifyEmail(ctx: UsersContext, { ip }: { ip: string }, token: string): Promise<void> {
  await commitFacts(ctx, async (tx, tell, { note, post }) => {
    await claimAddress(tx, await requireToken(tx, token, 'verify_email'), tell)
    const { userId, emailKey } = await takeToken(tx, token, 'verify_email')
    const { rows } = await tx
      .query<UserRow & { emailBefore: string | null; wasProven: boolean }>(prove, [userId, emailKey])
      .catch(refuseLate)
    const user = rows[0]
    if (!user) throw new AppError('gone')
    // The link opens in whatever browser reads mails; the person's devices look at their profile again.
    tell(userId, 'user.updated', toSharedUser(user))
    await voidTokens(tx, userId, 'verify_email')
    note({ type: 'email_verified', userId, ip })
    if (user.emailBefore === user.email) return
    // Links to the address before set no password any more.
    await voidTokens(tx, userId)
    note({ type: 'email_changed', userId, ip })
    mailNotice(post, 'email_changed', { ...user, email: user.emailBefore, emailVerified: user.wasProven })
  })
}

/** The present address, or the one that waits, whichever the token was mailed to. */
const prove = `UPDATE users u SET email_verified = true, version = u.version + 1,
  email = CASE WHEN u.pending_email_key = $2 THEN u.pending_email ELSE u.email END, email_key = $2,
  pending_email = NULL, pending_email_key = NULL
FROM (SELECT id, email, email_verified FROM users WHERE id = $1) before
WHERE u.id = before.id AND (u.email_key = $2 OR u.pending_email_key = $2)
RETURNING ${userColumns}, before.email AS "emailBefore", before.email_verified AS "wasProven"`

/** Mails the token that proves the caller's address again; the one before is void then. Throws `conflict` where there is no address, or it is proven. */
export async function resendVerification(ctx: UsersContext, actor: Actor): Promise<void> {
  await commitFacts(ctx, async (tx, tell, { post }) => {
    await requireSession(tx, actor)
    const { rows } = await tx.query<Pick<UserRow, 'id' | 'email' | 'emailVerified' | 'pendingEmail'>>(
      `SELECT id, email, email_verified AS "emailVerified", pending_email AS "pendingEmail" FROM users WHERE id = $1`,
      [actor.userId],
    )
    const user = rows[0]
    const address = user && unprovenAddress(user)
    if (!user || !address) throw new AppError('conflict')
    const key = emailKey(address)
    if (await isProven(tx, key)) await takeAway(tx, { ids: [user.id], emailKey: key }, tell)
    else mailVerification(post, user)
  })
}

/** Somebody has proven it meanwhile: it can be nobody else's any more. */
async function isProven(tx: pg.PoolClient, key: string): Promise<boolean> {
  const { rowCount } = await tx.query('SELECT FROM users WHERE email_key = $1 AND email_verified', [key])
  return rowCount === 1
}
