import type { SignedIn } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'
import type { UsersContext } from '../context.ts'
import { type UserRow, userColumns } from '../people/user-row.ts'
import { commitFacts } from '../transaction-with-outbox.ts'
import {
  formatRefreshToken,
  hashOf,
  newSuccessorSalt,
  parseRefreshToken,
  type RefreshToken,
  successorOf,
} from './refresh-token.ts'
import { graceSeconds, removeSessions, sessionDays, toSignedIn } from './sessions.ts'

interface Refreshed {
  user: UserRow
  sessionId: string
  successor: RefreshToken
}

/**
 * Exchanges a refresh token for its successor. The token just replaced answers with the same successor for 20 seconds;
 * an older one was stolen, or the present one was: the session ends, unless whoever sent it has hung up (`signal`): a
 * request may have waited for long in a process that stood still, and its sender has asked elsewhere since. Throws
 * `unauthenticated`.
 */
export async function refresh(
  ctx: UsersContext,
  { ip, signal }: { ip: string; signal: AbortSignal },
  refreshToken: string,
): Promise<SignedIn> {
  const token = parseRefreshToken(refreshToken)
  if (!token) throw new AppError('unauthenticated')
  const refreshed = (await rotate(ctx, token, ip)) ?? (await repeat(ctx, token))
  if (!refreshed) {
    if (!signal.aborted) await endReusedSession(ctx, { token, ip })
    throw new AppError('unauthenticated')
  }
  const { user, sessionId, successor } = refreshed
  ctx.seen.touch({ userId: user.id, sessionId })
  return toSignedIn(ctx, user, { sessionId, refreshToken: formatRefreshToken(successor) })
}

/** The ordinary case, in one statement: of several who try the same token at once, one finds it still there. */
async function rotate(
  { pool }: UsersContext,
  token: RefreshToken,
  ip: string,
): Promise<Refreshed | undefined> {
  const salt = newSuccessorSalt()
  const successor = successorOf(token, salt)
  const { rows } = await pool.query<UserRow & { sessionId: string }>({
    name: 'rotate-refresh-token',
    text: `UPDATE sessions s
SET secret_hash = $3, previous_hash = $2, successor_salt = $4, rotated_at = now(), last_seen_at = now(),
  expires_at = now() + make_interval(days => $5), ip = $6
FROM users u
WHERE s.family_hash = $1 AND s.secret_hash = $2 AND s.expires_at > now() AND u.id = s.user_id
RETURNING s.id AS "sessionId", ${userColumns}`,
    values: [
      hashOf(token.family),
      hashOf(token.secret),
      hashOf(successor.secret),
      salt,
      sessionDays,
      ip || null,
    ],
  })
  if (!rows[0]) return undefined
  const { sessionId, ...user } = rows[0]
  return { user, sessionId, successor }
}

/** The token was replaced a moment ago, and its successor may never have arrived: tell it again. */
async function repeat({ pool }: UsersContext, token: RefreshToken): Promise<Refreshed | undefined> {
  const { rows } = await pool.query<UserRow & { sessionId: string; salt: Uint8Array }>({
    name: 'repeat-refresh-token',
    text: `SELECT s.id AS "sessionId", s.successor_salt AS salt, ${userColumns}
FROM sessions s JOIN users u ON u.id = s.user_id
WHERE s.family_hash = $1 AND s.previous_hash = $2 AND s.rotated_at > now() - make_interval(secs => $3)
  AND s.expires_at > now()`,
    values: [hashOf(token.family), hashOf(token.secret), graceSeconds],
  })
  if (!rows[0]) return undefined
  const { sessionId, salt, ...user } = rows[0]
  return { user, sessionId, successor: successorOf(token, salt) }
}

/** Ends the session whose family this token shows, because the token is neither the one that is good nor its fresh predecessor. Expired and unknown sessions are left as they are. */
async function endReusedSession(
  ctx: UsersContext,
  { token, ip }: { token: RefreshToken; ip: string },
): Promise<void> {
  await commitFacts(ctx, async (tx, tell, { note }) => {
    const values = [hashOf(token.family), hashOf(token.secret)]
    const [reused] = await removeSessions(
      tx,
      { condition: 'family_hash = $1 AND secret_hash <> $2', values },
      tell,
    )
    if (reused) note({ type: 'refresh_reuse_detected', ...reused, ip })
  })
}
