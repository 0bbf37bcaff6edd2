import { AppError, addressKey, type RateLimit } from '@finnigram/service-kit'
import type pg from 'pg'
import type { UsersContext } from '../context.ts'

export interface Guess {
  /** What is guessed at, whether it exists or not. */
  account: string
  userId: string | undefined
  ip: string
}

/**
 * Bounds the tries at one account from all addresses together. Where the person is signed in already, tries are bounded
 * by address alone: strangers with many addresses cannot lock them out there. Throws `rate_limited`.
 */
export async function limitGuesses(
  { limits, pool }: Pick<UsersContext, 'limits' | 'pool'>,
  limit: RateLimit,
  { account, userId, ip }: Guess,
): Promise<void> {
  try {
    await limits.consume(limit, account)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'rate_limited') throw error
    if (!(await isFamiliar(pool, userId, ip))) throw error
  }
}

/** Whether the person has a session at this address. */
async function isFamiliar(pool: pg.Pool, userId: string | undefined, ip: string): Promise<boolean> {
  const { rows } = await pool.query<{ ip: string }>(
    'SELECT DISTINCT ip FROM sessions WHERE user_id = $1 AND ip IS NOT NULL AND expires_at > now()',
    [userId ?? null],
  )
  return rows.some((row) => addressKey(row.ip) === addressKey(ip))
}
