import {
  defaultPreferences,
  newId,
  type RouteBody,
  type SignedIn,
  usernameLooks,
  type usersApi,
} from '@finnigram/contracts'
import { AppError, addressKey } from '@finnigram/service-kit'
import type pg from 'pg'
import type { WithLimits, WithMetrics } from '../deps.ts'
import type { AccessTokenDeps } from '../keys/access-token.ts'
import { firstMailLimits } from '../limits.ts'
import { enqueueVerification } from '../mail/mail-job.ts'
import { mailMetrics } from '../mail/mail-queue.ts'
import { tryConsume } from '../mail/mail-rate-limit.ts'
import { requireUnreserved } from '../people/former-usernames.ts'
import { searchWords } from '../people/search-words.ts'
import { rethrowAsTaken, type UserRow } from '../people/user-row.ts'
import { toSharedUser } from '../people/user-views.ts'
import { type TransactionDeps, transactionWithOutbox } from '../transaction-with-outbox.ts'
import { emailKey } from './email-key.ts'
import type { WithHasher } from './password-hasher.ts'
import { createSession, toSignedIn } from './sessions.ts'

type RegisterDeps = TransactionDeps & AccessTokenDeps & WithLimits & WithHasher
type NewAccount = RouteBody<typeof usersApi.register>

/**
 * Creates an account and signs in. Throws `username_taken`, also for a name that looks like a taken
 * one, and `email_taken` for an address that somebody has proven.
 */
export async function register(
  ctx: RegisterDeps,
  { ip }: { ip: string },
  { password, device, ...account }: NewAccount,
): Promise<SignedIn> {
  await requireFree(ctx.pool, account)
  const passwordHash = await ctx.hasher.hash(password, addressKey(ip))
  const isMailed = await mayMail(ctx, account.email, ip)
  const user = newUser(account)
  const session = await transactionWithOutbox(ctx, async (tx, emit, { audit, enqueueMail }) => {
    await insertUser(tx, user, passwordHash)
    await requireUnreserved(tx, user)
    emit(user.id, 'user.created', toSharedUser(user))
    if (isMailed) enqueueVerification(enqueueMail, user)
    const created = await createSession(tx, { userId: user.id, ip, device }, emit)
    audit({ type: 'registered', userId: user.id, sessionId: created.sessionId, ip, device })
    return created
  })
  return toSignedIn(ctx, user, session)
}

/** Whether one more mail may be sent to a mailbox at the request of this IP address. */
async function mayMail(
  ctx: WithLimits & WithMetrics,
  email: string | undefined,
  ip: string,
): Promise<boolean> {
  if (email === undefined) return false
  for (const limit of firstMailLimits) {
    if (await tryConsume(ctx.limits, limit, addressKey(ip))) continue
    mailMetrics(ctx.metrics).heldBack.inc({ reason: 'sender' })
    return false
  }
  return true
}

/** Saves hashing a password when the name is taken. The unique indexes decide. */
async function requireFree(pool: pg.Pool, { username, email }: Omit<NewAccount, 'password'>): Promise<void> {
  const { rows } = await pool.query<{ isName: boolean }>(
    `SELECT username = $1 OR username_looks IS NOT DISTINCT FROM $2 AS "isName" FROM users
WHERE username = $1 OR username_looks = $2 OR (email_key = $3 AND email_verified)`,
    [username, usernameLooks(username), email === undefined ? null : emailKey(email)],
  )
  if (rows.some(({ isName }) => isName)) throw new AppError('username_taken')
  if (rows.length > 0) throw new AppError('email_taken')
}

function newUser({ username, displayName, email }: Omit<NewAccount, 'password'>): UserRow {
  const now = new Date()
  return {
    id: newId(),
    username,
    displayName,
    bio: '',
    avatarUrl: null,
    email: email ?? null,
    emailVerified: false,
    emailWasProven: false,
    pendingEmail: null,
    totpEnabled: false,
    preferences: defaultPreferences,
    reachable: false,
    deletedAt: null,
    version: 1,
    createdAt: now,
    lastSeenAt: now,
  }
}

async function insertUser(tx: pg.PoolClient, user: UserRow, passwordHash: string): Promise<void> {
  const values = [
    user.id,
    user.username,
    user.displayName,
    user.email,
    user.email === null ? null : emailKey(user.email),
    passwordHash,
    JSON.stringify(user.preferences),
    searchWords(user),
    user.version,
    user.createdAt,
    usernameLooks(user.username),
  ]
  await tx
    .query(
      `INSERT INTO users (id, username, display_name, email, email_key, password_hash, preferences, search_words, version,
  created_at, last_seen_at, username_looks)
VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, array_to_tsvector($8::text[]), $9, $10, $10, $11)`,
      values,
    )
    .catch(rethrowAsTaken)
}
