import { pause } from '@finnigram/service-kit'
import { joinRooms } from '../connect/join-rooms.ts'
import type { RealtimeSocket } from '../connection.ts'
import type { RealtimeContext } from '../context.ts'
import { conversationRoom, userRoom } from '../wire/rooms.ts'
import { socketsIn } from '../wire/emit-to-room.ts'

/** Clients told each second, so that thousands do not sync at once. */
const perSecond = 500
const stepMs = 50

/** What a node does that may have missed something: of everything, of one conversation, or about one person. */
export interface Resync {
  all(reason: string): void
  room(conversationId: string, reason: string): void
  person(userId: string, reason: string): void
}

/**
 * After a gap: a removal may be among what was missed, so every socket concerned leaves its rooms at once and joins anew
 * from what the messages service says; then it is told to sync. After a gap of everything, a socket that is still joining
 * starts over by itself.
 */
export function createResync(ctx: RealtimeContext): Resync {
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
  const rejoinAll = (sockets: Iterable<RealtimeSocket>, reason: string) => {
    latestReason = reason
    const settled = [...sockets].filter(({ data }) => data.joining === null)
    if (settled.length > 0) ctx.log.warn('Clients are told to sync', { reason, sockets: settled.length })
    for (const socket of settled) void rejoin(socket)
  }
  return {
    all(reason) {
      ctx.gaps.count += 1
      ctx.figures.gaps.inc()
      ctx.presence.eventsMissed()
      rejoinAll(ctx.io.sockets.sockets.values(), reason)
    },
    room(conversationId, reason) {
      // Whoever is joining may be told what was true before.
      ctx.gaps.count += 1
      ctx.figures.gaps.inc()
      rejoinAll(socketsIn(ctx.io, conversationRoom(conversationId)), reason)
    },
    person: (userId, reason) => rejoinAll(socketsIn(ctx.io, userRoom(userId)), reason),
  }
}
