import { type Actor, AppError } from '@finnigram/service-kit'
import type pg from 'pg'

/** Access tokens outlive their session by up to 15 minutes; what changes an account asks whether it still stands. Throws `unauthenticated`. */
export async function requireSession(
  tx: pg.Pool | pg.PoolClient,
  { sessionId, userId }: Actor,
): Promise<void> {
  const { rowCount } = await tx.query('SELECT FROM sessions WHERE id = $1 AND user_id = $2', [
    sessionId,
    userId,
  ])
  if (rowCount === 0) throw new AppError('unauthenticated')
}
