import type pg from 'pg'

/** Forgets what a person signed in with and what was noted of it, for an account that is deleted: security events, recovery codes, mailed tokens, mails that wait. */
export async function forgetIdentity(tx: pg.PoolClient, userId: string): Promise<void> {
  await tx.query('DELETE FROM security_events WHERE user_id = $1', [userId])
  await tx.query('DELETE FROM recovery_codes WHERE user_id = $1', [userId])
  await tx.query('DELETE FROM mailed_tokens WHERE user_id = $1', [userId])
  await tx.query('DELETE FROM mails WHERE user_id = $1', [userId])
}
