import type { SignedIn } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'
import type { WithPool } from '../deps.ts'
import type { AccessTokenDeps } from '../keys/access-token.ts'
import type { WithLastSeen } from '../people/last-seen.ts'
import { type UserRow, userColumns } from '../people/user-row.ts'
import { type TransactionDeps, transactionWithOutbox } from '../transaction-with-outbox.ts'
import {
  formatRefreshToken,
  hashTokenPart,
  newSuccessorSalt,
  parseRefreshToken,
  type RefreshToken,
  successorOf,
} from './refresh-token.ts'
import { endSessionsWhere, graceSeconds, sessionDays, toSignedIn } from './sessions.ts'

type RefreshDeps = TransactionDeps & AccessTokenDeps & WithLastSeen

interface Refreshed {
  user: UserRow
  sessionId: string
  successor: RefreshToken
}

/**
 * Exchanges a refresh token for its successor (refresh token rotation). The token just replaced
 * gets the same successor for 20 seconds. An older one means theft, so the session ends. Throws
 * `unauthenticated`.
 *
 * A request whose sender hung up (`signal`) ends no session: it may have waited in a stopped
 * process, and its sender has refreshed elsewhere since.
 */
export async function refresh(
  ctx: RefreshDeps,
  { ip, signal }: { ip: string; signal: AbortSignal },
  refreshToken: string,
): Promise<SignedIn> {
  const token = parseRefreshToken(refreshToken)
  if (!token) throw new AppError('unauthenticated')
  const refreshed = (await rotateToken(ctx, token, ip)) ?? (await repeatRotation(ctx, token))
  if (!refreshed) {
    if (!signal.aborted) await endReusedSession(ctx, { token, ip })
    throw new AppError('unauthenticated')
  }
  const { user, sessionId, successor } = refreshed
  ctx.lastSeen.touch({ userId: user.id, sessionId })
  return toSignedIn(ctx, user, { sessionId, refreshToken: formatRefreshToken(successor) })
}

/** The ordinary case, in one statement: of concurrent requests with one token, one succeeds. */
async function rotateToken(
  { pool }: WithPool,
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
      hashTokenPart(token.family),
      hashTokenPart(token.secret),
      hashTokenPart(successor.secret),
      salt,
      sessionDays,
      ip || null,
    ],
  })
  if (!rows[0]) return undefined
  const { sessionId, ...user } = rows[0]
  return { user, sessionId, successor }
}

/** The token was just replaced, and its successor may have been lost: derive it again. */
async function repeatRotation({ pool }: WithPool, token: RefreshToken): Promise<Refreshed | undefined> {
  const { rows } = await pool.query<UserRow & { sessionId: string; salt: Uint8Array }>({
    name: 'repeat-refresh-token',
    text: `SELECT s.id AS "sessionId", s.successor_salt AS salt, ${userColumns}
FROM sessions s JOIN users u ON u.id = s.user_id
WHERE s.family_hash = $1 AND s.previous_hash = $2 AND s.rotated_at > now() - make_interval(secs => $3)
  AND s.expires_at > now()`,
    values: [hashTokenPart(token.family), hashTokenPart(token.secret), graceSeconds],
  })
  if (!rows[0]) return undefined
  const { sessionId, salt, ...user } = rows[0]
  return { user, sessionId, successor: successorOf(token, salt) }
}

/**
 * Ends the session of a token that was used before. Expired and unknown sessions stay as they are.
 */
async function endReusedSession(
  ctx: TransactionDeps,
  { token, ip }: { token: RefreshToken; ip: string },
): Promise<void> {
  await transactionWithOutbox(ctx, async (tx, emit, { audit }) => {
    const values = [hashTokenPart(token.family), hashTokenPart(token.secret)]
    const [reused] = await endSessionsWhere(
      tx,
      { condition: 'family_hash = $1 AND secret_hash <> $2', values },
      emit,
    )
    if (reused) audit({ type: 'refresh_reuse_detected', ...reused, ip })
  })
}
