import { AppError, type RateLimit } from '@finnigram/service-kit'
import { noteNow } from '../audit/note-now.ts'
import type { UsersContext } from '../context.ts'
import type { Guarded } from './brute-force-protection.ts'
import type { Caller } from './caller.ts'
import { requireSession } from './require-session.ts'

/** By session: a stolen access token is no way to guess the password, and whoever holds one locks out nobody else. */
const guesses: RateLimit = { name: 'own-password', points: 10, perSeconds: 900 }

/** What the password of an account protects, as it stood when the password was checked. */
export type OwnAccount = Guarded & { totpEnabled: boolean }

/** Checks the password of the caller, which they gave as `field`. Throws `invalid_credentials`, and `rate_limited` after ten tries in a quarter of an hour. */
export async function checkOwnPassword(
  ctx: UsersContext,
  { actor, ip }: Caller,
  password: string,
  field = 'password',
): Promise<OwnAccount> {
  const { userId, sessionId } = actor
  await requireSession(ctx.pool, actor)
  await ctx.limits.consume(guesses, sessionId)
  const { rows } = await ctx.pool.query<OwnAccount>(
    `SELECT id, password_hash AS "passwordHash", totp_enabled AS "totpEnabled", totp_last_step AS "totpLastStep"
FROM users WHERE id = $1 AND deleted_at IS NULL`,
    [userId],
  )
  const account = rows[0]
  const { matches } = await ctx.hasher.verify(password, account?.passwordHash)
  if (account && matches) return account
  await noteNow(ctx, { type: 'password_check_failed', userId, sessionId, ip })
  throw new AppError('invalid_credentials', { errors: [{ path: `body.${field}`, message: 'Is wrong' }] })
}
