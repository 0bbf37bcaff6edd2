import type { RouteReply, usersApi } from '@finnigram/contracts'
import type { Actor } from '@finnigram/service-kit'
import { AppError } from '@finnigram/service-kit'
import type { UsersContext } from '../context.ts'
import type { Session } from '../generated/client.ts'
import { commitFacts } from '../transaction-with-outbox.ts'
import type { Caller } from './sessions.ts'
import { deleteSessions, requireSession } from './sessions.ts'

/** Signs one of the caller's devices out. Throws `not_found`. */
export async function endSession(ctx: UsersContext, { actor, ip }: Caller, sessionId: string): Promise<void> {
  await commitFacts(ctx, async (tx, tell, { note }) => {
    await requireSession(tx, actor)
    const ended = await deleteSessions(tx, { userId: actor.userId, only: sessionId }, tell)
    if (ended === 0) throw new AppError('not_found')
    note({ type: 'session_ended', userId: actor.userId, sessionId, ip })
  })
}

type Listed = RouteReply<typeof usersApi.listSessions>

/** Where the caller is signed in, the latest seen first. */
export async function listSessions({ prisma, pool }: UsersContext, actor: Actor): Promise<Listed> {
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

/** Signs all of the caller's other devices out. */
export async function endOtherSessions(ctx: UsersContext, { actor, ip }: Caller): Promise<void> {
  await commitFacts(ctx, async (tx, tell, { note }) => {
    await requireSession(tx, actor)
    const { userId, sessionId } = actor
    await deleteSessions(tx, { userId, except: sessionId }, tell)
    note({ type: 'other_sessions_ended', userId, sessionId, ip })
  })
}

/** Ends the caller's session; a session that is already over stays over. */
export async function logout(ctx: UsersContext, { actor, ip }: Caller): Promise<void> {
  const { userId, sessionId } = actor
  await commitFacts(ctx, async (tx, tell, { note }) => {
    const ended = await deleteSessions(tx, { userId, only: sessionId }, tell)
    if (ended > 0) note({ type: 'signed_out', userId, sessionId, ip })
  })
}
