import type { EndedSession } from '@finnigram/service-kit'
import type { RealtimeServer, RealtimeSocket } from '../connection.ts'
import type { Figures } from '../metrics.ts'
import { userRoom } from '../wire/rooms.ts'
import { socketsIn } from '../wire/emit-to-room.ts'

type Needs = { io: RealtimeServer; figures: Figures }

/** Closes the sockets of sessions that ended. Of whom only the session is known, everyone here is looked at, once for all of them. */
export function closeEnded(ctx: Needs, ended: readonly EndedSession[]): void {
  const anyone = new Set(ended.flatMap(({ userId, sessionId }) => (userId === undefined ? sessionId : [])))
  if (anyone.size > 0) {
    const sockets = [...ctx.io.sockets.sockets.values()]
    closeSockets(
      ctx,
      sockets.filter(({ data }) => anyone.has(data.sessionId)),
    )
  }
  for (const { userId, sessionId } of ended) {
    if (userId === undefined) continue
    const sockets = socketsIn(ctx.io, userRoom(userId))
    closeSockets(
      ctx,
      sockets.filter(({ data }) => data.sessionId === sessionId),
    )
  }
}

/** Tells sockets that their session is over, and closes them. */
export function closeSockets({ figures }: Needs, sockets: readonly RealtimeSocket[]): void {
  for (const socket of sockets) {
    socket.emit('account', { type: 'session.ended', data: { sessionId: socket.data.sessionId } })
    socket.disconnect(true)
    figures.closed.inc({ reason: 'session ended' })
  }
}
