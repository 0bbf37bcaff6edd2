import type { RealtimeSocket } from '../connection.ts'
import type { RealtimeContext } from '../context.ts'
import { userRoom } from '../wire/rooms.ts'
import { wireOf } from '../wire/wire.ts'
import { joinRooms } from './join-rooms.ts'

type Dispatch = (this: RealtimeSocket, event: string, ...args: unknown[]) => void

/** Takes in an authenticated socket: into its person's room first, so that no change of membership slips by, then into all others, then `ready`. */
export function createAccept(ctx: RealtimeContext, dispatch: Dispatch) {
  /** Shared by all sockets: one function instead of one for each. */
  function onDisconnect(this: RealtimeSocket) {
    ctx.presence.leave(this)
    if (this.data.fellBehind) ctx.figures.closed.inc({ reason: 'behind' })
  }

  const accept = async (socket: RealtimeSocket) => {
    const { data } = socket
    data.wire = wireOf(socket)
    socket.join(userRoom(data.userId))
    // It may have ended between the look at its token and now.
    if (ctx.guard.has(data.sessionId)) return socket.disconnect(true)
    socket.onAny(dispatch)
    socket.on('disconnect', onDisconnect)
    ctx.presence.enter(socket)
    const hasJoined = await joinRooms(ctx, socket).finally(ctx.admission.joining())
    if (!hasJoined) return
    ctx.figures.ready.inc()
    const { userId, sessionId } = data
    const tokenEndsInMs = Math.max(0, data.tokenEndsAt - Date.now())
    const comebackWithinMs = ctx.crowd.comebackWithinMs()
    const serverTime = new Date().toISOString()
    socket.emit('ready', { userId, sessionId, serverTime, tokenEndsInMs, comebackWithinMs })
  }
  return (socket: RealtimeSocket) => {
    accept(socket).catch((error) => {
      ctx.log.error('A socket could not be taken in', { error })
      socket.conn.close()
    })
  }
}
