import type { Fleeting, Marker } from '@finnigram/contracts'
import type { RealtimeSocket } from '../connection.ts'
import type { WithIo, WithRealtimeMetrics } from '../deps.ts'
import { encodeFrame, joinFrames } from '../wire/frame.ts'
import { conversationRoom, emitToRoom, userRoom } from '../wire/rooms.ts'

/**
 * A marker as services publish it. `isOwnOnly`: its person hides read receipts, so only their own
 * devices get it.
 */
export type ReceivedMarker = Extract<Fleeting, { t: 'markers' }>['data'][number]

/** Coalesces markers: emits each person's latest, once in a while for each conversation. */
export interface MarkerCollector extends Disposable {
  add(marker: ReceivedMarker): void
}

export interface WithMarkers {
  readonly markers: MarkerCollector
}

const tickMs = 50
/**
 * A large room waits longer, because everyone's marker goes to everyone: the work grows with the
 * square.
 */
const waitPerSocketMs = 4
const longestWaitMs = 4000
/** Most markers in one frame, the latest ones; a sync brings the others. */
const mostAtOnce = 128

interface Pending {
  dueAt: number
  shared: Map<string, Marker>
  /** Of people who hide read receipts. */
  own: Map<string, Marker>
}

export function createMarkerCollector({
  io,
  realtimeMetrics,
}: WithIo & WithRealtimeMetrics): MarkerCollector {
  const byConversation = new Map<string, Pending>()
  let timer: NodeJS.Timeout | undefined

  const emit = (conversationId: string, { shared, own }: Pending) => {
    const room = conversationRoom(conversationId)
    const latest = [...shared.values()].slice(-mostAtOnce)
    let written = 0
    if (latest.length > 0)
      written += emitToRoom(io, room, joinFrames(latest.map(toFrame)), { isFleeting: true })
    for (const marker of own.values()) {
      const onlyTo = ({ rooms }: RealtimeSocket) => rooms.has(room)
      written += emitToRoom(io, userRoom(marker.userId), toFrame(marker), { isFleeting: true, onlyTo })
    }
    realtimeMetrics.frames.inc({ event: 'marker' }, written)
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
    return { dueAt: performance.now() + wait - tickMs / 2, shared: new Map(), own: new Map() }
  }
  return {
    add({ isOwnOnly = false, ...marker }) {
      const { conversationId, userId } = marker
      const present = io.sockets.adapter.rooms.get(conversationRoom(conversationId))?.size ?? 0
      if (present === 0 || (isOwnOnly && !io.sockets.adapter.rooms.has(userRoom(userId)))) return
      const pending = byConversation.get(conversationId) ?? begin(present)
      byConversation.set(conversationId, pending)
      const byUser = isOwnOnly ? pending.own : pending.shared
      const merged = mergeMarkers(byUser.get(userId), marker)
      byUser.delete(userId)
      byUser.set(userId, merged)
      timer ??= setInterval(tick, tickMs)
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}

const toFrame = (marker: Marker) => encodeFrame('marker', JSON.stringify(marker))

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
