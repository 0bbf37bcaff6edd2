import type { SignedIn } from '@finnigram/contracts'
import { newId } from '@finnigram/contracts'
import type { Actor } from '@finnigram/service-kit'
import { AppError } from '@finnigram/service-kit'
import type pg from 'pg'
import type { UsersContext } from '../context.ts'
import { accessTokenSeconds, signAccessToken } from '../keys/access-token.ts'
import type { UserRow } from '../people/user-row.ts'
import { toMe } from '../people/user-views.ts'
import type { Tell } from '../transaction-with-outbox.ts'
import { formatRefreshToken, hashOf, newRefreshToken } from './refresh-token.ts'

/** Who asks, and from where. A route's request is one. */
export interface Caller {
  readonly actor: Actor
  readonly ip: string
}

/** Days an unused session lasts; each refresh begins them anew. */
export const sessionDays = 30
/** Seconds for which the refresh token just replaced still answers, with the same successor. */
export const graceSeconds = 20
/** Sessions one person may have; one more ends the one unused for longest. */
const mostSessions = 100
/** Minutes for which it is known that a session ended: an access token lives 15, and clocks may differ a little. */
export const endedMinutes = 16

export interface NewSession {
  userId: string
  ip: string
  device?: { name: string; platform: string } | undefined
}

export interface OpenedSession {
  sessionId: string
  refreshToken: string
}

/** Signs a device in. A person who has too many sessions loses those unused for longest. */
export async function openSession(
  tx: pg.PoolClient,
  { userId, ip, device }: NewSession,
  tell: Tell,
): Promise<OpenedSession> {
  const sessionId = newId()
  const token = newRefreshToken()
  await tx.query(
    `INSERT INTO sessions (id, user_id, family_hash, secret_hash, expires_at, ip, device_name, device_platform)
VALUES ($1, $2, $3, $4, now() + make_interval(days => $5), $6, $7, $8)`,
    [
      sessionId,
      userId,
      hashOf(token.family),
      hashOf(token.secret),
      sessionDays,
      ip || null,
      device?.name ?? null,
      device?.platform ?? null,
    ],
  )
  await endOverflow(tx, { userId, sessionId }, tell)
  return { sessionId, refreshToken: formatRefreshToken(token) }
}

async function endOverflow(
  tx: pg.PoolClient,
  { userId, sessionId }: { userId: string; sessionId: string },
  tell: Tell,
): Promise<void> {
  const unused =
    'SELECT id FROM sessions WHERE user_id = $1 AND id <> $2 ORDER BY last_seen_at DESC, id DESC OFFSET $3'
  const values = [userId, sessionId, mostSessions - 1]
  await removeSessions(tx, { condition: `id IN (${unused})`, values }, tell)
}

interface RemovedSession {
  sessionId: string
  userId: string
}

/**
 * The one way in which sessions end: the rows go, every service is told, and the list of ended sessions holds them for
 * as long as an access token of theirs may still be good, all in one transaction. `condition` is SQL about `sessions`.
 */
export async function removeSessions(
  tx: pg.PoolClient,
  { condition, values }: { condition: string; values: readonly unknown[] },
  tell: Tell,
): Promise<RemovedSession[]> {
  const { rows } = await tx.query<RemovedSession>(
    `WITH removed AS (
  DELETE FROM sessions WHERE ${condition} RETURNING id, user_id
), noted AS (
  INSERT INTO ended_sessions (id) SELECT id FROM removed ON CONFLICT DO NOTHING
)
SELECT id AS "sessionId", user_id AS "userId" FROM removed`,
    [...values],
  )
  for (const { userId, sessionId } of rows) tell(userId, 'session.ended', { userId, sessionId })
  return rows
}

/** Which of a person's sessions: one of them, all but one, or all. */
type SessionChoice = { userId: string } & ({ only: string } | { except: string } | { all: true })

/** Ends sessions of a person: their tokens stop working and their sockets close. Returns how many there were. */
export async function deleteSessions(tx: pg.PoolClient, choice: SessionChoice, tell: Tell): Promise<number> {
  const [which, values] = condition(choice)
  const removed = await removeSessions(
    tx,
    { condition: `user_id = $1 ${which}`, values: [choice.userId, ...values] },
    tell,
  )
  return removed.length
}

function condition(choice: SessionChoice): [sql: string, values: string[]] {
  if ('only' in choice) return ['AND id = $2', [choice.only]]
  if ('except' in choice) return ['AND id <> $2', [choice.except]]
  return ['', []]
}

/** Access tokens outlive their session by up to 15 minutes; what changes an account asks whether it still stands. Throws `unauthenticated`. */
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

/** The answer of register, login and refresh: who it is, and the tokens of the session. */
export async function toSignedIn(
  ctx: Pick<UsersContext, 'config' | 'keys'>,
  user: UserRow,
  { sessionId, refreshToken }: OpenedSession,
): Promise<SignedIn> {
  return {
    user: toMe(user),
    accessToken: await signAccessToken(ctx, { userId: user.id, sessionId }),
    refreshToken,
    expiresIn: accessTokenSeconds,
  }
}
