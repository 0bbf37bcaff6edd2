import { hash, randomBytes } from 'node:crypto'
import { AppError } from '@finnigram/service-kit'
import type pg from 'pg'
import type { MailPurpose } from '../generated/client.ts'

/** Minutes a mailed token is good for. */
export const tokenMinutes = { reset_password: 30, verify_email: 24 * 60 } as const satisfies Record<
  MailPurpose,
  number
>

/** What is stored of a token. It is random and long, so a plain SHA-256 cannot be searched. */
export const tokenHash = (token: string) => hash('sha256', token, 'buffer')

export interface TokenOwner {
  userId: string
  purpose: MailPurpose
  emailKey: string
}

/** Makes a token of 256 bits; only its hash is kept. */
export async function storeToken(
  db: pg.Pool | pg.PoolClient,
  { userId, purpose, emailKey }: TokenOwner,
): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  await db.query(
    `INSERT INTO mailed_tokens (hash, user_id, purpose, email_key, expires_at)
VALUES ($1, $2, $3, $4, now() + make_interval(mins => $5))`,
    [tokenHash(token), userId, purpose, emailKey, tokenMinutes[purpose]],
  )
  return token
}

/** Whose token it is, and still lies there. It decides nothing: people are locked before their tokens, which `takeToken` then uses up. Throws `gone`. */
export async function requireToken(
  db: pg.Pool | pg.PoolClient,
  token: string,
  purpose: MailPurpose,
): Promise<TokenOwner> {
  const { rows } = await db.query<TokenOwner>(
    `SELECT user_id AS "userId", purpose, email_key AS "emailKey" FROM mailed_tokens
WHERE hash = $1 AND purpose = $2 AND expires_at > now()`,
    [tokenHash(token), purpose],
  )
  if (!rows[0]) throw new AppError('gone')
  return rows[0]
}

/** Uses a token up: of several who try at once, one gets its owner. A token counts only while its address is still the person's, or waits to be. Throws `gone`. */
export async function takeToken(tx: pg.PoolClient, token: string, purpose: MailPurpose): Promise<TokenOwner> {
  const { rows } = await tx.query<TokenOwner>(
    `DELETE FROM mailed_tokens t USING users u
WHERE t.hash = $1 AND t.purpose = $2 AND t.expires_at > now()
  AND u.id = t.user_id AND u.deleted_at IS NULL
  AND (u.email_key = t.email_key OR t.purpose = 'verify_email' AND u.pending_email_key = t.email_key)
RETURNING t.user_id AS "userId", t.purpose, t.email_key AS "emailKey"`,
    [tokenHash(token), purpose],
  )
  if (!rows[0]) throw new AppError('gone')
  return rows[0]
}

/** Makes all of a person's tokens void, or those of one purpose. */
export async function voidTokens(
  db: pg.Pool | pg.PoolClient,
  userId: string,
  purpose?: MailPurpose,
): Promise<void> {
  await db.query(
    'DELETE FROM mailed_tokens WHERE user_id = $1 AND ($2::mail_purpose IS NULL OR purpose = $2)',
    [userId, purpose ?? null],
  )
}

/** Forgets tokens that have expired. */
export async function purgeTokens(pool: pg.Pool): Promise<void> {
  await pool.query('DELETE FROM mailed_tokens WHERE expires_at <= now()')
}
