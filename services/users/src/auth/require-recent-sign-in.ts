import { type Actor, AppError } from '@finnigram/service-kit'
import type pg from 'pg'

/** Minutes for which a sign-in, or a password given again, is recent. */
const recentMinutes = 15

/**
 * For what hands out much and cannot carry a password itself. Throws `reauthentication_required` where the password was
 * not given in this session lately (see `reauthenticate`), `unauthenticated` where the session is over. What changes how
 * an account is entered asks for more: `stepUp`.
 */
export async function requireRecentSignIn(
  tx: pg.Pool | pg.PoolClient,
  { sessionId, userId }: Actor,
): Promise<void> {
  const { rows } = await tx.query<{ isRecent: boolean }>(
    `SELECT authenticated_at > now() - make_interval(mins => $3) AS "isRecent" FROM sessions
WHERE id = $1 AND user_id = $2`,
    [sessionId, userId, recentMinutes],
  )
  if (!rows[0]) throw new AppError('unauthenticated')
  if (!rows[0].isRecent) throw new AppError('reauthentication_required')
}
