import { AppError } from '@finnigram/service-kit'
import type pg from 'pg'
import { isPersonalPassword } from '../auth/password-policy.ts'

export const tooPersonal = 'Too easy to guess: it is little more than your own name'

/** Throws `validation_failed` for a new password that is little more than the person's own names. */
export async function refusePersonalPassword(
  db: pg.Pool | pg.PoolClient,
  userId: string,
  newPassword: string,
): Promise<void> {
  const { rows } = await db.query<{ username: string; displayName: string; email: string | null }>(
    'SELECT username, display_name AS "displayName", email FROM users WHERE id = $1',
    [userId],
  )
  const names = rows.flatMap(({ username, displayName, email }) => [username, displayName, email])
  if (!isPersonalPassword(newPassword, names)) return
  throw new AppError('validation_failed', { errors: [{ path: 'body.newPassword', message: tooPersonal }] })
}
