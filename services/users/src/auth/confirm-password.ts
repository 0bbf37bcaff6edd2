import type { UsersContext } from '../context.ts'
import type { Caller } from './caller.ts'
import { checkOwnPassword } from './check-own-password.ts'

/**
 * Where a password is given, checks it, and the session counts as signed in just now (`requireRecentSignIn`). Hashing
 * takes long, so this comes before the transaction. Throws `invalid_credentials` for a wrong one.
 */
export async function confirmPassword(
  ctx: UsersContext,
  caller: Caller,
  password: string | undefined,
): Promise<void> {
  if (password === undefined) return
  const stored = await checkOwnPassword(ctx, caller, password)
  await ctx.pool.query(
    `UPDATE sessions s SET authenticated_at = now() FROM users u
WHERE s.id = $1 AND s.user_id = $2 AND u.id = s.user_id AND u.password_hash = $3`,
    [caller.actor.sessionId, caller.actor.userId, stored],
  )
}
