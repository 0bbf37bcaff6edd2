import type { RouteBody, SignedIn, usersApi } from '@finnigram/contracts'
import { AppError, addressKey } from '@finnigram/service-kit'
import type pg from 'pg'
import { noteNow, noteUnknown } from '../audit/audit-log.ts'
import type { UsersContext } from '../context.ts'
import { type UserRow, userColumns } from '../people/user-row.ts'
import { commitFacts } from '../transaction-with-outbox.ts'
import { accountGuesses, limitCodes, limitGuesses, passwordOf } from './brute-force-protection.ts'
import { emailKey } from './email-key.ts'

import { lockAccount, requireSecondFactor } from './second-factor.ts'
import { openSession, toSignedIn } from './sessions.ts'

type Credentials = RouteBody<typeof usersApi.login>
type Found = UserRow & { passwordHash: string; totpLastStep: string | null }

/**
 * Signs in by username or e-mail address. Throws `invalid_credentials`, after the same work for an unknown person as
 * for a wrong password; only who gave the right password hears `totp_required`.
 */
export async function login(
  ctx: UsersContext,
  { ip }: { ip: string },
  credentials: Credentials,
): Promise<SignedIn> {
  const found = await findByIdentifier(ctx.pool, credentials.identifier)
  try {
    return await signIn(ctx, found, { ...credentials, ip })
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid_credentials') {
      const { device } = credentials
      if (found) await noteNow(ctx, { type: 'sign_in_failed', userId: found.id, ip, device })
      else await noteUnknown(ctx, { ip, device })
    }
    throw error
  }
}

async function signIn(
  ctx: UsersContext,
  found: Found | undefined,
  { identifier, password, device, totp, ip }: Credentials & { ip: string },
): Promise<SignedIn> {
  const account = found ? passwordOf(found) : identifierOf(identifier).key
  await limitGuesses(ctx, accountGuesses, { account, userId: found?.id, ip })
  const { matches, outdated } = await ctx.hasher.verify(password, found?.passwordHash, addressKey(ip))
  if (!found || !matches) throw new AppError('invalid_credentials')
  if (found.totpEnabled) await limitCodes(ctx, found, { totp, ip })
  const renewed = outdated ? await ctx.hasher.hash(password) : undefined
  const session = await commitFacts(ctx, async (tx, tell, { note }) => {
    const locked = await lockAccount(tx, found.id, found.passwordHash)
    if (locked.totpEnabled) {
      const factor = { userId: found.id, secret: locked.totpSecret, typed: totp, ip }
      await requireSecondFactor(tx, ctx, { ...factor, note })
    }
    if (renewed) await tx.query('UPDATE users SET password_hash = $2 WHERE id = $1', [found.id, renewed])
    const opened = await openSession(tx, { userId: found.id, ip, device }, tell)
    note({ type: 'signed_in', userId: found.id, sessionId: opened.sessionId, ip, device })
    return opened
  })
  ctx.seen.touch({ userId: found.id, sessionId: session.sessionId })
  return toSignedIn(ctx, found, session)
}

/** An address that nobody has proven signs in whoever gave it first: those who give it later change nothing for them. */
async function findByIdentifier(pool: pg.Pool, identifier: string): Promise<Found | undefined> {
  const { column, key } = identifierOf(identifier)
  const { rows } = await pool.query<Found>({
    name: `user-by-${column}`,
    text: `SELECT ${userColumns}, u.password_hash AS "passwordHash", u.totp_last_step AS "totpLastStep"
FROM users u WHERE u.${column} = $1 AND u.deleted_at IS NULL ORDER BY u.email_verified DESC, u.email_given_at, u.created_at, u.id LIMIT 1`,
    values: [key],
  })
  return rows[0]
}

/** What a person typed to sign in: an e-mail address if there is an @ in it, a username otherwise; folded as it is stored. */
export function identifierOf(typed: string): { column: 'username' | 'email_key'; key: string } {
  // PostgreSQL stores no NUL, so nobody is called so.
  const key = emailKey(typed).replaceAll('\0', '\uFFFD')
  return key.includes('@') ? { column: 'email_key', key } : { column: 'username', key }
}
