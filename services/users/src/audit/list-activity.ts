import type { SecurityEvent as ListedEvent, RouteQuery, RouteReply, usersApi } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import { z } from 'zod'
import { requireSession } from '../auth/sessions.ts'
import type { WithPool, WithPrisma } from '../deps.ts'
import type { SecurityEvent } from '../generated/client.ts'

const Device = z.object({ name: z.string(), platform: z.string() })

/**
 * The audit log of the caller, newest entry first. The cursor is the last id of the page before.
 */
export async function listActivity(
  { prisma, pool }: WithPool & WithPrisma,
  actor: Actor,
  { limit, cursor }: RouteQuery<typeof usersApi.listActivity>,
): Promise<RouteReply<typeof usersApi.listActivity>> {
  await requireSession(pool, actor)
  const before = cursor === undefined ? {} : { id: { lt: cursorId(cursor) } }
  const rows = await prisma.securityEvent.findMany({
    where: { userId: actor.userId, ...before },
    orderBy: { id: 'desc' },
    take: limit + 1,
  })
  const page = rows.slice(0, limit)
  return { items: page.map(toEvent), nextCursor: rows.length > limit ? (page.at(-1)?.id ?? null) : null }
}

function cursorId(cursor: string): string {
  const id = z.uuid().safeParse(cursor)
  if (id.success) return id.data
  throw new AppError('validation_failed', {
    errors: [{ path: 'query.cursor', message: 'Is not a cursor of this list' }],
  })
}

const toEvent = ({ id, type, at, ip, device, sessionId }: SecurityEvent): ListedEvent => ({
  id,
  type,
  at: at.toISOString(),
  ip,
  device: Device.nullable().parse(device),
  sessionId,
})
