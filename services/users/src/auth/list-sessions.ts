import type { RouteReply, usersApi } from '@finnigram/contracts'
import type { Actor } from '@finnigram/service-kit'
import type { UsersContext } from '../context.ts'
import type { Session } from '../generated/client.ts'
import { requireSession } from './require-session.ts'

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
