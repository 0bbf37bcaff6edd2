import type { RouteReply, usersApi } from '@finnigram/contracts'
import { AppError, withTransaction } from '@finnigram/service-kit'
import type { Caller } from '../auth/caller.ts'
import { confirmPassword } from '../auth/confirm-password.ts'
import { requireRecentSignIn } from '../auth/require-recent-sign-in.ts'
import type { UsersContext } from '../context.ts'
import { describeTotp, newTotpSecret } from './totp-code.ts'
import { sealTotpSecret } from './totp-secret.ts'

/** Makes a shared secret, which counts for nothing until `confirmTotp`. Throws `conflict` where a second factor is on, `reauthentication_required`, `invalid_credentials`. */
export async function startTotp(
  ctx: UsersContext,
  caller: Caller,
  password: string | undefined,
): Promise<RouteReply<typeof usersApi.startTotp>> {
  const { userId } = caller.actor
  await confirmPassword(ctx, caller, password)
  const secret = newTotpSecret()
  const username = await withTransaction(ctx.pool, async (tx) => {
    await requireRecentSignIn(tx, caller.actor)
    const { rows } = await tx.query<{ username: string }>(
      'UPDATE users SET totp_secret = $2, totp_last_step = NULL WHERE id = $1 AND NOT totp_enabled RETURNING username',
      [userId, sealTotpSecret(ctx.sealer, userId, secret)],
    )
    if (!rows[0]) throw new AppError('conflict', { detail: 'The second factor is on already' })
    return rows[0].username
  })
  return describeTotp(secret, username)
}
