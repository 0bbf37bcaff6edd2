import type { RouteReply, usersApi } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type { WithPool, WithPrisma } from '../deps.ts'
import type { Session } from '../generated/client.ts'
import { type TransactionDeps, transactionWithOutbox } from '../transaction-with-outbox.ts'
import { type Caller, endSessions, requireSession } from './sessions.ts'

type Listed = RouteReply<typeof usersApi.listSessions>

/** The caller's sessions, the last used first. */
export async function listSessions({ prisma, pool }: WithPool & WithPrisma, actor: Actor): Promise<Listed> {
  await requireSession(pool, actor)
  const sessions = await prisma.session.findMany({
    where: { userId: actor.userId, expiresAt: { gt: new Date() } },
    orderBy: [{ lastSeenAt: 'desc' }, { id: 'desc' }],
  })
  return { items: sessions.map((session) => toSession(session, actor)) }
}

function toSession(
  { id, ip, createdAt, lastSeenAt, deviceName, devicePlatform }: Session,
  { sessionId }: Actor,
): Listed['items'][number] {
  return {
    id,
    device:
      deviceName === null || devicePlatform === null ? null : { name: deviceName, platform: devicePlatform },
    createdAt: createdAt.toISOString(),
    lastSeenAt: lastSeenAt.toISOString(),
    ip,
    current: id === sessionId,
  }
}

/** Ends one of the caller's sessions. Throws `not_found`. */
export async function endSession(
  ctx: TransactionDeps,
  { actor, ip }: Caller,
  sessionId: string,
): Promise<void> {
  await transactionWithOutbox(ctx, async (tx, emit, { audit }) => {
    await requireSession(tx, actor)
    const ended = await endSessions(tx, { userId: actor.userId, only: sessionId }, emit)
    if (ended === 0) throw new AppError('not_found')
    audit({ type: 'session_ended', userId: actor.userId, sessionId, ip })
  })
}

/** Ends all other sessions of the caller. */
export async function endOtherSessions(ctx: TransactionDeps, { actor, ip }: Caller): Promise<void> {
  await transactionWithOutbox(ctx, async (tx, emit, { audit }) => {
    await requireSession(tx, actor)
    const { userId, sessionId } = actor
    await endSessions(tx, { userId, except: sessionId }, emit)
    audit({ type: 'other_sessions_ended', userId, sessionId, ip })
  })
}

/** Ends the caller's session. An ended session stays ended. */
export async function logout(ctx: TransactionDeps, { actor, ip }: Caller): Promise<void> {
  const { userId, sessionId } = actor
  await transactionWithOutbox(ctx, async (tx, emit, { audit }) => {
    const ended = await endSessions(tx, { userId, only: sessionId }, emit)
    if (ended > 0) audit({ type: 'signed_out', userId, sessionId, ip })
  })
}
