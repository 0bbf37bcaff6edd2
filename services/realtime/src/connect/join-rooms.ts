import { fullJitter, pause } from '@finnigram/service-kit'
import { firstVersion, type RealtimeSocket } from '../connection.ts'
import type { RealtimeContext } from '../context.ts'
import { conversationOf, conversationRoom } from '../wire/rooms.ts'
import { type Membership, settleMemberships } from './memberships.ts'

/**
 * Joins the rooms of all conversations of the socket's person; whether it did, before the socket or the service ended.
 * The socket is in its person's room already: from now on `joining` collects what changes while the messages service is
 * asked, for as long as that takes. A gap in the streams meanwhile may have hidden a change: then it is asked again.
 */
export async function joinRooms(ctx: RealtimeContext, socket: RealtimeSocket): Promise<boolean> {
  for (const room of socket.rooms) if (conversationOf(room)) socket.leave(room)
  for (let attempt = 0; socket.connected && !ctx.stopping.aborted; attempt += 1) {
    const gaps = ctx.gaps.count
    socket.data.joining = []
    const answered = await ask(ctx, socket.data.userId)
    if (answered && gaps === ctx.gaps.count) {
      if (socket.connected) enter(ctx, socket, answered)
      return socket.connected
    }
    if (!answered) await pause(50 + fullJitter(attempt, { baseMs: 200, maxMs: 3000 }), ctx.stopping)
  }
  return false
}

async function ask(ctx: RealtimeContext, userId: string): Promise<readonly Membership[] | undefined> {
  try {
    return await ctx.loadMemberships(userId)
  } catch {
    return undefined
  }
}

function enter(ctx: RealtimeContext, socket: RealtimeSocket, answered: readonly Membership[]): void {
  const { data } = socket
  const joined = settleMemberships(answered, data.joining ?? [])
  data.joining = null
  const joinedLater = [...joined].filter(([, version]) => version > firstVersion)
  data.joinedVersions = joinedLater.length > 0 ? new Map(joinedLater) : null
  for (const [conversationId, version] of joinedLater) ctx.floors.raise(conversationId, version)
  socket.join([...joined.keys()].map(conversationRoom))
}
