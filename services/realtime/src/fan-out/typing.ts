import type { ServerEventData } from '@finnigram/contracts'
import type { RealtimeSocket } from '../connection.ts'
import type { RealtimeContext } from '../context.ts'
import { conversationRoom } from '../wire/rooms.ts'
import { emitToRoom } from '../wire/emit-to-room.ts'
import { encodeFrame, joinFrames } from '../wire/frame.ts'

type Typing = ServerEventData['typing']

/** Tells who is writing: at once where few listen, together where many do. */
export interface TypingCollector extends Disposable {
  add(typing: Typing): void
}

/** Up to so many sockets hear each notice by itself. */
const fewSockets = 50
/** A larger room waits longer, because each notice goes to everyone. */
const waitPerSocketMs = 2
const longestWaitMs = 1500
/** Of a crowd that writes, the latest are enough: nobody reads more names than that. */
const mostAtOnce = 5

export function createTypingCollector({
  io,
  figures,
}: Pick<RealtimeContext, 'io' | 'figures'>): TypingCollector {
  const waiting = new Map<string, { latest: Map<string, Typing>; timer: NodeJS.Timeout }>()

  const emit = (conversationId: string, notices: readonly Typing[]) => {
    const writers = new Set(notices.map(({ userId }) => userId))
    const room = conversationRoom(conversationId)
    const toOthers = ({ data }: RealtimeSocket) => !writers.has(data.userId)
    let written = emitToRoom(io, room, frameOf(notices), { isFleeting: true, onlyTo: toOthers })
    // A writer hears of the others, not of themselves.
    for (const userId of notices.length > 1 ? writers : []) {
      const frame = frameOf(notices.filter((notice) => notice.userId !== userId))
      const onlyTo = ({ data }: RealtimeSocket) => data.userId === userId
      written += emitToRoom(io, room, frame, { isFleeting: true, onlyTo })
    }
    figures.frames.inc({ event: 'typing' }, written)
  }
  const flush = (conversationId: string) => {
    const latest = waiting.get(conversationId)?.latest ?? new Map<string, Typing>()
    waiting.delete(conversationId)
    emit(conversationId, [...latest.values()].slice(-mostAtOnce))
  }
  const begin = (conversationId: string, present: number) => {
    const waitMs = Math.min(longestWaitMs, present * waitPerSocketMs)
    const begun = {
      latest: new Map<string, Typing>(),
      timer: setTimeout(() => flush(conversationId), waitMs),
    }
    waiting.set(conversationId, begun)
    return begun
  }
  return {
    add(typing) {
      const { conversationId, userId } = typing
      const present = io.sockets.adapter.rooms.get(conversationRoom(conversationId))?.size ?? 0
      if (present <= fewSockets && !waiting.has(conversationId)) return emit(conversationId, [typing])
      const { latest } = waiting.get(conversationId) ?? begin(conversationId, present)
      latest.delete(userId)
      latest.set(userId, typing)
    },
    [Symbol.dispose]() {
      for (const { timer } of waiting.values()) clearTimeout(timer)
    },
  }
}

const frameOf = (notices: readonly Typing[]) =>
  joinFrames(notices.map((typing) => encodeFrame('typing', JSON.stringify(typing))))
