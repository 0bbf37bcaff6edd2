import type { RouteBody, SignedIn, usersApi } from '@finnigram/contracts'
import { AppError, addressKey } from '@finnigram/service-kit'
import type pg from 'pg'
import { recordAuditEntry, recordUnknownSignIn } from '../audit/audit-log.ts'
import type { WithLimits } from '../deps.ts'
import type { AccessTokenDeps } from '../keys/access-token.ts'
import type { WithLastSeen } from '../people/last-seen.ts'
import { type UserRow, userColumns } from '../people/user-row.ts'
import { type TransactionDeps, transactionWithOutbox } from '../transaction-with-outbox.ts'
import {
  accountGuesses,
  limitAccountGuesses,
  limitCodeGuesses,
  passwordGuessKey,
} from './brute-force-protection.ts'
import { emailKey } from './email-key.ts'
import type { WithHasher } from './password-hasher.ts'
import { lockAccount, requireSecondFactor } from './second-factor.ts'
import { createSession, toSignedIn } from './sessions.ts'

type LoginDeps = TransactionDeps & AccessTokenDeps & WithLimits & WithHasher & WithLastSeen
type Credentials = RouteBody<typeof usersApi.login>
type Account = UserRow & { passwordHash: string; totpLastStep: string | null }

/**
 * Signs in by username or e-mail address. Throws `invalid_credentials`, after the same work for an
 * unknown name as for a wrong password. Throws `totp_required` only if the password is right.
 */
export async function login(
  ctx: LoginDeps,
  { ip }: { ip: string },
  credentials: Credentials,
): Promise<SignedIn> {
  const found = await findByIdentifier(ctx.pool, credentials.identifier)
  try {
    return await signIn(ctx, found, { ...credentials, ip })
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid_credentials') {
      const { device } = credentials
      if (found) await recordAuditEntry(ctx, { type: 'sign_in_failed', userId: found.id, ip, device })
      else await recordUnknownSignIn(ctx, { ip, device })
    }
    throw error
  }
}

async function signIn(
  ctx: LoginDeps,
  found: Account | undefined,
  { identifier, password, device, totp, ip }: Credentials & { ip: string },
): Promise<SignedIn> {
  const account = found ? passwordGuessKey(found) : parseIdentifier(identifier).key
  await limitAccountGuesses(ctx, accountGuesses, { account, userId: found?.id, ip })
  const { matches, outdated } = await ctx.hasher.verify(password, found?.passwordHash, addressKey(ip))
  if (!found || !matches) throw new AppError('invalid_credentials')
  if (found.totpEnabled) await limitCodeGuesses(ctx, found, { totp, ip })
  const renewed = outdated ? await ctx.hasher.hash(password) : undefined
  const session = await transactionWithOutbox(ctx, async (tx, emit, { audit }) => {
    const locked = await lockAccount(tx, found.id, found.passwordHash)
    if (locked.totpEnabled) {
      const factor = { userId: found.id, secret: locked.totpSecret, typed: totp, ip }
      await requireSecondFactor(tx, ctx, { ...factor, audit })
    }
    if (renewed) await tx.query('UPDATE users SET password_hash = $2 WHERE id = $1', [found.id, renewed])
    const created = await createSession(tx, { userId: found.id, ip, device }, emit)
    audit({ type: 'signed_in', userId: found.id, sessionId: created.sessionId, ip, device })
    return created
  })
  ctx.lastSeen.touch({ userId: found.id, sessionId: session.sessionId })
  return toSignedIn(ctx, found, session)
}

/** An unproven address may have several accounts: it signs in to the one that gave it first. */
async function findByIdentifier(pool: pg.Pool, identifier: string): Promise<Account | undefined> {
  const { column, key } = parseIdentifier(identifier)
  const { rows } = await pool.query<Account>({
    name: `user-by-${column}`,
    text: `SELECT ${userColumns}, u.password_hash AS "passwordHash", u.totp_last_step AS "totpLastStep"
FROM users u WHERE u.${column} = $1 AND u.deleted_at IS NULL ORDER BY u.email_verified DESC, u.email_given_at, u.created_at, u.id LIMIT 1`,
    values: [key],
  })
  return rows[0]
}

/**
 * Parses what was typed to sign in: an e-mail address if it has an @, a username otherwise. Folded
 * as stored.
 */
export function parseIdentifier(typed: string): { column: 'username' | 'email_key'; key: string } {
  // PostgreSQL stores no NUL, so no name has one.
  const key = emailKey(typed).replaceAll('\0', '\uFFFD')
  return key.includes('@') ? { column: 'email_key', key } : { column: 'username', key }
}
