import { AppError, type RateLimit } from '@finnigram/service-kit'
import { noteNow } from '../audit/note-now.ts'
import type { UsersContext } from '../context.ts'
import type { Caller } from './caller.ts'
import { requireSession } from './require-session.ts'

/** By session: a stolen access token is no way to guess the password, and whoever holds one locks out nobody else. */
const guesses: RateLimit = { name: 'own-password', points: 10, perSeconds: 900 }

/** Checks the password of the caller and returns its stored hash. Throws `invalid_credentials`, and `rate_limited` after ten tries in a quarter of an hour. */
export async function checkOwnPassword(
  ctx: UsersContext,
  { actor, ip }: Caller,
  password: string,
): Promise<string> {
  const { userId, sessionId } = actor
  await requireSession(ctx.pool, actor)
  await ctx.limits.consume(guesses, sessionId)
  const { rows } = await ctx.pool.query<{ stored: string }>(
    'SELECT password_hash AS stored FROM users WHERE id = $1 AND deleted_at IS NULL',
    [userId],
  )
  const stored = rows[0]?.stored
  const { matches } = await ctx.hasher.verify(password, stored)
  if (stored !== undefined && matches) return stored
  await noteNow(ctx, { type: 'password_check_failed', userId, sessionId, ip })
  throw new AppError('invalid_credentials')
}
