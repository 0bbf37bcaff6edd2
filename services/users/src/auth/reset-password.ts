import type { RouteBody, usersApi } from '@finnigram/contracts'
import { AppError, addressKey } from '@finnigram/service-kit'
import { commitFacts } from '../commit-facts.ts'
import type { UsersContext } from '../context.ts'
import { mailNotice } from '../mail/mail-notice.ts'
import { takeToken, tokenHash, voidTokens } from '../mail/mailed-token.ts'
import { refusePersonalPassword } from '../passwords/refuse-personal-password.ts'
import { deleteSessions } from './delete-sessions.ts'

type Reset = RouteBody<typeof usersApi.resetPassword>

/** Sets a new password with a mailed token: all sessions end, all mailed tokens are void, and the address is proven. The second factor stays. Throws `gone`. */
export async function resetPassword(
  ctx: UsersContext,
  { ip }: { ip: string },
  { token, newPassword }: Reset,
): Promise<void> {
  await refusePersonalPassword(ctx.pool, await requireToken(ctx, token), newPassword)
  const next = await ctx.hasher.hash(newPassword, addressKey(ip))
  await commitFacts(ctx, async (tx, tell, { note, post }) => {
    const owner = await takeToken(tx, token, 'reset_password')
    if (!owner) throw new AppError('gone')
    const { rows } = await tx.query<{ id: string; username: string; email: string | null }>(
      'UPDATE users SET password_hash = $2, email_verified = true WHERE id = $1 RETURNING id, username, email',
      [owner.userId, next],
    )
    if (!rows[0]) throw new AppError('gone')
    await deleteSessions(tx, { userId: owner.userId, all: true }, tell)
    await voidTokens(tx, owner.userId)
    note({ type: 'password_reset', userId: owner.userId, ip })
    mailNotice(post, 'password_reset', rows[0])
  })
}

/** Whose token it is. Spares the work of hashing for a token that is none; taking it decides all the same. */
async function requireToken({ pool }: UsersContext, token: string): Promise<string> {
  const { rows } = await pool.query<{ userId: string }>(
    `SELECT user_id AS "userId" FROM mailed_tokens WHERE hash = $1 AND purpose = 'reset_password' AND expires_at > now()`,
    [tokenHash(token)],
  )
  if (!rows[0]) throw new AppError('gone')
  return rows[0].userId
}
