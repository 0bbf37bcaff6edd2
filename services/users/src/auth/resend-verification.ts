import { type Actor, AppError } from '@finnigram/service-kit'
import type pg from 'pg'
import type { UsersContext } from '../context.ts'
import { mailVerification, unprovenAddress } from '../mail/mail-verification.ts'
import type { UserRow } from '../people/user-row.ts'
import { commitFacts } from '../transaction-with-outbox.ts'
import { takeAway } from './email-address.ts'
import { emailKey } from './email-key.ts'
import { requireSession } from './require-session.ts'

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
