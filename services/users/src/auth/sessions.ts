import { newId } from '@finnigram/contracts'
import type pg from 'pg'
import type { Tell } from '../transaction-with-outbox.ts'
import { formatRefreshToken, hashOf, newRefreshToken } from './refresh-token.ts'
import { removeSessions } from './remove-sessions.ts'
import { mostSessions, sessionDays } from './session-lifetime.ts'

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
