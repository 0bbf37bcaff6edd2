import type { ServerEventData } from '@finnigram/contracts'
import type { RealtimeSocket } from '../connection.ts'
import type { WithIo, WithRealtimeMetrics } from '../deps.ts'
import type { WithPresence } from '../presence/presence.ts'
import { encodeFrame, joinFrames } from '../wire/frame.ts'
import { conversationRoom, emitToRoom, socketsIn } from '../wire/rooms.ts'

type Typing = ServerEventData['typing']

/** Emits typing notices: at once to few sockets, coalesced in a large room. */
export interface TypingCollector extends Disposable {
  add(typing: Typing): void
}

export interface WithTyping {
  readonly typing: TypingCollector
}

/** Up to so many sockets get each notice at once. */
const fewSockets = 50
/** A larger room waits longer, because each notice goes to everyone. */
const waitPerSocketMs = 2
const longestWaitMs = 1500
/** Most people in one notice, the latest ones: nobody reads more names. */
const mostAtOnce = 5

export function createTypingCollector({
  io,
  realtimeMetrics,
}: WithIo & WithRealtimeMetrics): TypingCollector {
  const waiting = new Map<string, { latest: Map<string, Typing>; timer: NodeJS.Timeout }>()

  const emit = (conversationId: string, notices: readonly Typing[]) => {
    const writers = new Set(notices.map(({ userId }) => userId))
    const room = conversationRoom(conversationId)
    const toOthers = ({ data }: RealtimeSocket) => !writers.has(data.userId)
    let written = emitToRoom(io, room, frameOf(notices), { isFleeting: true, onlyTo: toOthers })
    // A person who types gets the notices of the others only.
    for (const userId of notices.length > 1 ? writers : []) {
      const frame = frameOf(notices.filter((notice) => notice.userId !== userId))
      const onlyTo = ({ data }: RealtimeSocket) => data.userId === userId
      written += emitToRoom(io, room, frame, { isFleeting: true, onlyTo })
    }
    realtimeMetrics.frames.inc({ event: 'typing' }, written)
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

/** A notice is dropped when the check of blocks took longer, in milliseconds. */
const freshMs = 3000

/**
 * Relays a typing notice to the conversation, without the person's own devices. With one other
 * person it may be a direct conversation, so it is relayed only if neither has blocked the other.
 */
export function relayTyping(ctx: WithIo & WithPresence & WithTyping, typing: Typing): void {
  const only = onlyOtherPerson(socketsIn(ctx.io, conversationRoom(typing.conversationId)), typing.userId)
  if (only === undefined) {
    ctx.typing.add(typing)
    return
  }
  const startedAt = performance.now()
  const relayIfAllowed = async () => {
    const isAllowed = await ctx.presence.mayNotice(only, typing.userId)
    if (isAllowed && performance.now() - startedAt < freshMs) ctx.typing.add(typing)
  }
  void relayIfAllowed()
}

/** The only other person here; undefined when there are more, or none. */
function onlyOtherPerson(sockets: readonly RealtimeSocket[], writerId: string): string | undefined {
  let found: string | undefined
  for (const { data } of sockets) {
    if (data.userId === writerId || data.userId === found) continue
    if (found !== undefined) return undefined
    found = data.userId
  }
  return found
}
