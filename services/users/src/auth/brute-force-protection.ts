import { AppError, addressKey, type RateLimit } from '@finnigram/service-kit'
import type pg from 'pg'
import type { UsersContext } from '../context.ts'
import { isAppCode } from './totp.ts'

const minute = 60
const hour = 60 * minute

/** From everywhere together; see `limitGuesses` for whom this does not stop. */
export const accountGuesses: RateLimit = { name: 'login-account', points: 300, perSeconds: hour }
/** Codes of an authenticator app have six digits: a guess is right about three times in a million. */
const codeGuessesHere: RateLimit = { name: 'totp-here', points: 10, perSeconds: 15 * minute }
const codeGuesses: RateLimit = { name: 'totp-account', points: 30, perSeconds: hour }

/** What of an account is guessed at. */
export interface Guarded {
  id: string
  passwordHash: string
  totpLastStep: string | null
}

/**
 * Under what guesses at an account are counted, from all addresses together. Whoever sets the password anew, or signs in
 * with a code, has shown whose account it is, so counting begins anew: strangers cannot keep them out. Nobody who has
 * only the password gets there.
 */
export const passwordOf = ({ id, passwordHash, totpLastStep }: Guarded): string =>
  `${id} ${passwordHash} ${totpLastStep}`

/** The same for guesses at its codes: a new password, which a stolen mailbox can set again and again, gives no new tries at these. */
export const codesOf = ({ id, totpLastStep }: Guarded): string => `${id} ${totpLastStep}`

interface Guess {
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

/** Counts a guess at a code. Recovery codes cannot be guessed, and stay open to who is kept from guessing. Throws `rate_limited`. */
export async function limitCodes(
  ctx: Pick<UsersContext, 'limits' | 'pool'>,
  account: Guarded,
  { totp, ip }: { totp: string | undefined; ip: string },
): Promise<void> {
  if (totp === undefined || !isAppCode(totp)) return
  await ctx.limits.consume(codeGuessesHere, `${account.id} ${addressKey(ip)}`)
  await limitGuesses(ctx, codeGuesses, { account: codesOf(account), userId: account.id, ip })
}
