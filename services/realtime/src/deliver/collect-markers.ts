import type { Marker } from '@finnigram/contracts'
import type { RealtimeContext } from '../context.ts'
import { conversationRoom } from '../rooms.ts'
import { emitToRoom } from '../wire/emit-to-room.ts'
import { encodeFrame, joinFrames } from '../wire/encode-frame.ts'

/** Gathers markers and emits each person's latest once per conversation and moment. */
export interface MarkerCollector extends Disposable {
  add(marker: Marker): void
}

const tickMs = 50
/** A large room waits longer, because everyone's marker goes to everyone: the work grows with the square. */
const waitPerSocketMs = 4
const longestWaitMs = 4000
/** Of a crowd, the markers that moved last are enough; clients learn the others when they sync. */
const mostAtOnce = 128

interface Pending {
  dueAt: number
  byUser: Map<string, Marker>
}

export function createMarkerCollector({
  io,
  figures,
}: Pick<RealtimeContext, 'io' | 'figures'>): MarkerCollector {
  const byConversation = new Map<string, Pending>()
  let timer: NodeJS.Timeout | undefined

  const emit = (conversationId: string, { byUser }: Pending) => {
    const latest = [...byUser.values()].slice(-mostAtOnce)
    const frame = joinFrames(latest.map((marker) => encodeFrame('marker', JSON.stringify(marker))))
    const written = emitToRoom(io, conversationRoom(conversationId), frame, { isFleeting: true })
    figures.frames.inc({ event: 'marker' }, written)
  }
  const tick = () => {
    const now = performance.now()
    for (const [conversationId, pending] of byConversation) {
      if (pending.dueAt > now) continue
      byConversation.delete(conversationId)
      emit(conversationId, pending)
    }
    if (byConversation.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
  const begin = (present: number): Pending => {
    const wait = Math.min(longestWaitMs, Math.max(tickMs, present * waitPerSocketMs))
    return { dueAt: performance.now() + wait - tickMs / 2, byUser: new Map() }
  }
  return {
    add(marker) {
      const { conversationId, userId } = marker
      const present = io.sockets.adapter.rooms.get(conversationRoom(conversationId))?.size ?? 0
      if (present === 0) return
      const pending = byConversation.get(conversationId) ?? begin(present)
      byConversation.set(conversationId, pending)
      const merged = mergeMarkers(pending.byUser.get(userId), marker)
      pending.byUser.delete(userId)
      pending.byUser.set(userId, merged)
      timer ??= setInterval(tick, tickMs)
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}

function mergeMarkers(earlier: Marker | undefined, marker: Marker): Marker {
  if (!earlier) return marker
  const readSeq = later(earlier.readSeq, marker.readSeq)
  const deliveredSeq = later(earlier.deliveredSeq, marker.deliveredSeq)
  return {
    conversationId: marker.conversationId,
    userId: marker.userId,
    ...(readSeq === undefined ? {} : { readSeq }),
    ...(deliveredSeq === undefined ? {} : { deliveredSeq }),
  }
}

function later(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b)
}
