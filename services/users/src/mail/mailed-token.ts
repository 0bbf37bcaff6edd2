import { hash, randomBytes } from 'node:crypto'
import { AppError } from '@finnigram/service-kit'
import type pg from 'pg'
import type { MailPurpose } from '../generated/client.ts'

/** Minutes for which a mailed token is valid. */
export const tokenMinutes = { reset_password: 30, verify_email: 24 * 60 } as const satisfies Record<
  MailPurpose,
  number
>

/** The stored form of a token. It has 256 random bits, so a plain SHA-256 cannot be reversed. */
export const tokenHash = (token: string) => hash('sha256', token, 'buffer')

export interface TokenOwner {
  userId: string
  purpose: MailPurpose
  emailKey: string
}

/** Creates a token of 256 bits. Only its hash is stored. */
export async function createToken(
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

/**
 * The owner of a valid token. It decides nothing: users are locked before their tokens, and
 * `consumeToken` decides. Throws `gone`.
 */
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

/**
 * Uses a token up: of concurrent callers, one succeeds. A token is valid only while its address is
 * the person's, or waits to be. Throws `gone`.
 */
export async function consumeToken(
  tx: pg.PoolClient,
  token: string,
  purpose: MailPurpose,
): Promise<TokenOwner> {
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

/** Revokes all tokens of a person, or those of one purpose. */
export async function revokeTokens(
  db: pg.Pool | pg.PoolClient,
  userId: string,
  purpose?: MailPurpose,
): Promise<void> {
  await db.query(
    'DELETE FROM mailed_tokens WHERE user_id = $1 AND ($2::mail_purpose IS NULL OR purpose = $2)',
    [userId, purpose ?? null],
  )
}

/** Deletes expired tokens. */
export async function purgeTokens(pool: pg.Pool): Promise<void> {
  await pool.query('DELETE FROM mailed_tokens WHERE expires_at <= now()')
}
