import { pause } from '@finnigram/service-kit'
import { joinRooms } from '../connect/join-rooms.ts'
import type { RealtimeSocket } from '../connection.ts'
import type { RealtimeContext } from '../context.ts'

/** Clients told each second, so that thousands do not sync at once. */
const perSecond = 500
const stepMs = 50

/**
 * After a gap: a removal may be among what was missed, so every socket leaves its rooms at once and joins anew from what
 * the messages service says; then it is told to sync. A socket that is still joining starts over by itself.
 */
export function createResyncAll(ctx: RealtimeContext): (reason: string) => void {
  const waiting: RealtimeSocket[] = []
  let latestReason = ''
  let isTelling = false

  const tellWaiting = async () => {
    if (isTelling) return
    isTelling = true
    while (waiting.length > 0 && !ctx.stopping.aborted) {
      for (const socket of waiting.splice(0, (perSecond * stepMs) / 1000)) {
        socket.emit('resync', { reason: latestReason })
      }
      await pause(stepMs, ctx.stopping)
    }
    isTelling = false
  }
  const rejoin = async (socket: RealtimeSocket) => {
    if (!(await joinRooms(ctx, socket))) return
    waiting.push(socket)
    await tellWaiting()
  }
  return (reason) => {
    ctx.gaps.count += 1
    ctx.figures.gaps.inc()
    ctx.presence.eventsMissed()
    latestReason = reason
    const settled = [...ctx.io.sockets.sockets.values()].filter(({ data }) => data.joining === null)
    if (settled.length > 0) ctx.log.warn('Clients are told to sync', { reason, sockets: settled.length })
    for (const socket of settled) void rejoin(socket)
  }
}
