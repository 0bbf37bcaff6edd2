import { AppError, addressKey, type RateLimit } from '@finnigram/service-kit'
import type pg from 'pg'
import type { WithLimits, WithPool } from '../deps.ts'
import { isTotpCode } from './totp.ts'

/*
 * Brute-force protection: bounds guesses at passwords and codes, without a lockout.
 *
 * Promises
 * - A password gets 300 guesses an hour from all addresses together, and 20 in two minutes from
 *   one address (`loginLimits` in `limits.ts`). Codes have six digits, so they get fewer.
 * - A stranger cannot lock the owner out: at an address where the owner has a session, only the
 *   limits of that address apply.
 * - Counting starts again when the owner acts: a new password resets the count of password
 *   guesses, a sign-in with a code resets both counts. The keys below do this.
 * - Unknown names are counted, hashed and answered like known ones, so the answer does not tell
 *   whether an account exists.
 *
 * Never: the limits do not depend on Redis alone. Without it each node counts by itself.
 *
 * Callers: `login`, and `stepUp` for codes. Guesses at the own password are limited in
 * `step-up.ts`, at mailed tokens and per address in `limits.ts`.
 */

const minute = 60
const hour = 60 * minute

/** Password guesses at one account, from all addresses. */
export const accountGuesses: RateLimit = { name: 'login-account', points: 300, perSeconds: hour }
/** Code guesses from one address: a guess is right about three times in a million. */
const codeGuessesHere: RateLimit = { name: 'totp-here', points: 10, perSeconds: 15 * minute }
const codeGuesses: RateLimit = { name: 'totp-account', points: 30, perSeconds: hour }

/** What a guess is about. */
export interface GuardedAccount {
  id: string
  passwordHash: string
  totpLastStep: string | null
}

/**
 * The key under which password guesses are counted. It changes with the password and with each used
 * code, so counting starts again then. Knowing the password alone does not change it.
 */
export const passwordGuessKey = ({ id, passwordHash, totpLastStep }: GuardedAccount): string =>
  `${id} ${passwordHash} ${totpLastStep}`

/** The key for code guesses. A new password does not change it: a stolen mailbox can set many. */
export const codeGuessKey = ({ id, totpLastStep }: GuardedAccount): string => `${id} ${totpLastStep}`

interface Guess {
  /** The key to count under, also of an account that does not exist. */
  account: string
  userId: string | undefined
  ip: string
}

/**
 * Limits guesses at one account from all addresses, except from addresses where its owner has a
 * session. Throws `rate_limited`.
 */
export async function limitAccountGuesses(
  { limits, pool }: WithLimits & WithPool,
  limit: RateLimit,
  { account, userId, ip }: Guess,
): Promise<void> {
  try {
    await limits.consume(limit, account)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'rate_limited') throw error
    if (!(await isKnownAddress(pool, userId, ip))) throw error
  }
}

/** Whether the user has a session at this address. */
async function isKnownAddress(pool: pg.Pool, userId: string | undefined, ip: string): Promise<boolean> {
  const { rows } = await pool.query<{ ip: string }>(
    'SELECT DISTINCT ip FROM sessions WHERE user_id = $1 AND ip IS NOT NULL AND expires_at > now()',
    [userId ?? null],
  )
  return rows.some((row) => addressKey(row.ip) === addressKey(ip))
}

/**
 * Limits guesses at codes. Recovery codes are too long to guess, so they are not limited and work
 * for an owner who ran into the limit. Throws `rate_limited`.
 */
export async function limitCodeGuesses(
  ctx: WithLimits & WithPool,
  account: GuardedAccount,
  { totp, ip }: { totp: string | undefined; ip: string },
): Promise<void> {
  if (totp === undefined || !isTotpCode(totp)) return
  await ctx.limits.consume(codeGuessesHere, `${account.id} ${addressKey(ip)}`)
  await limitAccountGuesses(ctx, codeGuesses, { account: codeGuessKey(account), userId: account.id, ip })
}
