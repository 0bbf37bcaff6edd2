import type { ConversationEvent } from '@finnigram/contracts'
import type { RealtimeContext } from '../context.ts'
import { conversationRoom } from '../rooms.ts'
import { emitToRoom } from '../wire/emit-to-room.ts'
import { encodeFrame } from '../wire/encode-frame.ts'

/** Facts on their way out, collected by conversation so that what one read brought leaves in one frame. */
export interface Outbound {
  /** Adds a fact, with its JSON text as it was published. */
  add(event: ConversationEvent, text: string): void
  /** Emits a fact at once, and something else in its place to some people. */
  addApart(
    event: ConversationEvent,
    to: { withheldFrom: ReadonlySet<string>; instead: ConversationEvent },
  ): void
  /** Emits what was collected for one conversation. */
  flush(conversationId: string): void
  /** Emits everything, letting other work in between when there is much. */
  flushAll(): Promise<void>
}

interface Pending {
  facts: { event: ConversationEvent; text: string }[]
  size: number
  /** When the first of these facts was made. */
  at: string
}

/** Characters of JSON after which a frame is full. */
const frameSize = 128 * 1024
/** Emitting for longer than this at a stretch would keep heartbeats and senders waiting. */
const stretchMs = 15

export function createOutbound(ctx: RealtimeContext): Outbound {
  const byConversation = new Map<string, Pending>()

  const flush = (conversationId: string) => {
    const pending = byConversation.get(conversationId)
    if (!pending) return
    byConversation.delete(conversationId)
    const [first] = pending.facts
    if (first && ctx.floors.holdsBack(conversationId, first.event.version)) {
      // While these waited, somebody connected who joined after them.
      for (const { event, text } of pending.facts) emitApart(ctx, event, text)
      return
    }
    const texts = pending.facts.map(({ text }) => text)
    const frame = encodeFrame('events', `[${texts.join(',')}]`)
    ctx.figures.frames.inc({ event: 'events' }, emitToRoom(ctx.io, conversationRoom(conversationId), frame))
    ctx.admissions.noteFacts(conversationId, texts)
    ctx.figures.delay.observe(Math.max(0, Date.now() - Date.parse(pending.at)) / 1000)
  }
  return {
    add(event, text) {
      const { conversationId, version } = event
      ctx.figures.events.inc()
      if (ctx.floors.holdsBack(conversationId, version)) {
        flush(conversationId)
        emitApart(ctx, event, text)
        return
      }
      const pending = byConversation.get(conversationId) ?? { facts: [], size: 0, at: event.at }
      byConversation.set(conversationId, pending)
      pending.facts.push({ event, text })
      pending.size += text.length
      if (pending.size > frameSize) flush(conversationId)
    },
    addApart(event, { withheldFrom, instead }) {
      ctx.figures.events.inc()
      flush(event.conversationId)
      emitApart(ctx, event, JSON.stringify(event), (userId) => !withheldFrom.has(userId))
      emitApart(ctx, instead, JSON.stringify(instead), (userId) => withheldFrom.has(userId))
    },
    flush,
    async flushAll() {
      let startedAt = performance.now()
      for (const conversationId of byConversation.keys()) {
        flush(conversationId)
        if (performance.now() - startedAt < stretchMs) continue
        await new Promise((resolve) => setImmediate(resolve))
        startedAt = performance.now()
      }
    },
  }
}

/**
 * Emits one fact by itself, to some people: never to those who joined after it, although the stream may lag behind what
 * their memberships said when they connected.
 */
function emitApart(
  { io, figures, admissions }: RealtimeContext,
  event: ConversationEvent,
  text: string,
  isFor: (userId: string) => boolean = () => true,
): void {
  const { conversationId, version } = event
  const written = emitToRoom(io, conversationRoom(conversationId), encodeFrame('events', `[${text}]`), {
    onlyTo: ({ data }) => isFor(data.userId) && version >= (data.joinedVersions?.get(conversationId) ?? 0),
  })
  admissions.noteFacts(conversationId, [text])
  figures.frames.inc({ event: 'events' }, written)
}
