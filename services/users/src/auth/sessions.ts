import { newId, type SignedIn } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type pg from 'pg'
import { type AccessTokenDeps, signAccessToken } from '../keys/access-token.ts'
import { accessTokenSeconds } from '../keys/signing-keys.ts'
import type { UserRow } from '../people/user-row.ts'
import { toMe } from '../people/user-views.ts'
import type { Emit } from '../transaction-with-outbox.ts'
import { formatRefreshToken, hashTokenPart, newRefreshToken } from './refresh-token.ts'

/*
 * Sign-in and sessions: a session is one signed-in device.
 *
 * Promises
 * - A session begins by `register` or `login` and lasts 30 days after its last refresh.
 * - It has an access token of 15 minutes, which services verify by themselves, and a refresh
 *   token for one use. The server stores only hashes of the refresh token.
 * - A refresh token used twice ends the session, as it was probably stolen (`refresh.ts`). The
 *   token just replaced still works for 20 seconds, because its answer may have been lost.
 * - When a session ends, its access tokens are refused everywhere within seconds: the row goes,
 *   the event `session.ended` is emitted, and `ended_sessions` lists it while a token may be
 *   valid.
 * - A person has at most 100 sessions. One more ends the one unused for longest.
 *
 * Procedure of a sign-in (`login.ts`): count the attempt → hash the password (also for unknown
 * names) → lock the account → use the code up → `createSession` → audit entry, all but the first
 * two in one transaction.
 *
 * Never
 * - No other code deletes rows of `sessions`: `endSessionsWhere` is the only way a session ends.
 * - A use case that changes an account does not trust the access token alone: `requireSession`.
 *
 * Callers: sign-in and account use cases of this folder, `deleteAccount`, maintenance.
 */

/** Who sends a request, and from which address. A route's request is one. */
export interface Caller {
  readonly actor: Actor
  readonly ip: string
}

/** Days an unused session lasts. Each refresh starts them again. */
export const sessionDays = 30
/** Seconds for which the refresh token just replaced still gets the same successor. */
export const graceSeconds = 20
/** Sessions of one person. */
const mostSessions = 100
/** Minutes an ended session is listed: the life of an access token, and some clock difference. */
export const endedMinutes = 16

export interface NewSession {
  userId: string
  ip: string
  device?: { name: string; platform: string } | undefined
}

export interface CreatedSession {
  sessionId: string
  refreshToken: string
}

/** Creates a session, and ends the longest unused ones beyond the limit. */
export async function createSession(
  tx: pg.PoolClient,
  { userId, ip, device }: NewSession,
  emit: Emit,
): Promise<CreatedSession> {
  const sessionId = newId()
  const token = newRefreshToken()
  await tx.query(
    `INSERT INTO sessions (id, user_id, family_hash, secret_hash, expires_at, ip, device_name, device_platform)
VALUES ($1, $2, $3, $4, now() + make_interval(days => $5), $6, $7, $8)`,
    [
      sessionId,
      userId,
      hashTokenPart(token.family),
      hashTokenPart(token.secret),
      sessionDays,
      ip || null,
      device?.name ?? null,
      device?.platform ?? null,
    ],
  )
  await evictOldestSessions(tx, { userId, sessionId }, emit)
  return { sessionId, refreshToken: formatRefreshToken(token) }
}

async function evictOldestSessions(
  tx: pg.PoolClient,
  { userId, sessionId }: { userId: string; sessionId: string },
  emit: Emit,
): Promise<void> {
  const unused =
    'SELECT id FROM sessions WHERE user_id = $1 AND id <> $2 ORDER BY last_seen_at DESC, id DESC OFFSET $3'
  const values = [userId, sessionId, mostSessions - 1]
  await endSessionsWhere(tx, { condition: `id IN (${unused})`, values }, emit)
}

interface EndedSession {
  sessionId: string
  userId: string
}

/**
 * The only way sessions end: deletes the rows, emits `session.ended`, and adds them to the list of
 * ended sessions. `condition` is SQL about `sessions`.
 */
export async function endSessionsWhere(
  tx: pg.PoolClient,
  { condition, values }: { condition: string; values: readonly unknown[] },
  emit: Emit,
): Promise<EndedSession[]> {
  const { rows } = await tx.query<EndedSession>(
    `WITH removed AS (
  DELETE FROM sessions WHERE ${condition} RETURNING id, user_id
), noted AS (
  INSERT INTO ended_sessions (id) SELECT id FROM removed ON CONFLICT DO NOTHING
)
SELECT id AS "sessionId", user_id AS "userId" FROM removed`,
    [...values],
  )
  for (const { userId, sessionId } of rows) emit(userId, 'session.ended', { userId, sessionId })
  return rows
}

/** Which sessions of a person: one, all but one, or all. */
type SessionChoice = { userId: string } & ({ only: string } | { except: string } | { all: true })

/** Ends sessions of a person. Returns how many there were. */
export async function endSessions(tx: pg.PoolClient, choice: SessionChoice, emit: Emit): Promise<number> {
  const [which, values] = condition(choice)
  const removed = await endSessionsWhere(
    tx,
    { condition: `user_id = $1 ${which}`, values: [choice.userId, ...values] },
    emit,
  )
  return removed.length
}

function condition(choice: SessionChoice): [sql: string, values: string[]] {
  if ('only' in choice) return ['AND id = $2', [choice.only]]
  if ('except' in choice) return ['AND id <> $2', [choice.except]]
  return ['', []]
}

/** Throws `unauthenticated` if the session has ended: an access token may outlive it. */
export async function requireSession(
  tx: pg.Pool | pg.PoolClient,
  { sessionId, userId }: Actor,
): Promise<void> {
  const { rowCount } = await tx.query('SELECT FROM sessions WHERE id = $1 AND user_id = $2', [
    sessionId,
    userId,
  ])
  if (rowCount === 0) throw new AppError('unauthenticated')
}

/** The reply of register, login and refresh: the user, and the tokens of the session. */
export async function toSignedIn(
  ctx: AccessTokenDeps,
  user: UserRow,
  { sessionId, refreshToken }: CreatedSession,
): Promise<SignedIn> {
  return {
    user: toMe(user),
    accessToken: await signAccessToken(ctx, { userId: user.id, sessionId }),
    refreshToken,
    expiresIn: accessTokenSeconds,
  }
}
