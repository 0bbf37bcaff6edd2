import type { ConversationEvent } from '@finnigram/contracts'
import type { Connection } from '../connection.ts'
import type { RealtimeMetrics } from '../metrics.ts'
import { encodeFrame, type Frame } from '../wire/frame.ts'

/** Facts on their way out, collected by conversation so that what one read brought leaves in one frame. */
export interface Outbound {
  /** Adds a fact, with its JSON text as it was published. */
  add(event: ConversationEvent, text: string): void
  /** Emits a fact at once, and something else in its place to some people, each of them in one of the groups. */
  addVariants(event: ConversationEvent, others: readonly Variant[]): void
  /** Emits what was collected for one conversation. */
  flush(conversationId: string): void
  /** Emits everything, letting other work in between when there is much. */
  flushAll(): Promise<void>
}

export interface Variant {
  people: ReadonlySet<string>
  instead: ConversationEvent
}

/** Whether one of the sockets of a conversation gets a frame. */
export type IsFor = (connection: Pick<Connection, 'userId' | 'joinedVersions'>) => boolean

export interface OutboundOptions {
  floors: Pick<JoinFloors, 'holdsBack'>
  realtimeMetrics: Pick<RealtimeMetrics, 'events' | 'frames' | 'delay'>
  /** Writes a frame to the sockets of a conversation, or to some of them; how many got it. */
  emit: (conversationId: string, frame: Frame, isFor?: IsFor) => number
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

export function createOutbound(options: OutboundOptions): Outbound {
  const { floors, realtimeMetrics } = options
  const byConversation = new Map<string, Pending>()

  const flush = (conversationId: string) => {
    const pending = byConversation.get(conversationId)
    if (!pending) return
    byConversation.delete(conversationId)
    const [first] = pending.facts
    if (!first || !floors.holdsBack(conversationId, first.event.version)) {
      emitTogether(options, conversationId, pending)
      return
    }
    // While these waited, somebody connected who joined after them.
    for (const { event, text } of pending.facts) emitOne(options, event, text)
  }
  return {
    add(event, text) {
      const { conversationId, version } = event
      realtimeMetrics.events.inc()
      if (floors.holdsBack(conversationId, version)) {
        flush(conversationId)
        emitOne(options, event, text)
        return
      }
      const pending = byConversation.get(conversationId) ?? { facts: [], size: 0, at: event.at }
      byConversation.set(conversationId, pending)
      pending.facts.push({ event, text })
      pending.size += text.length
      if (pending.size > frameSize) flush(conversationId)
    },
    addVariants(event, others) {
      realtimeMetrics.events.inc()
      flush(event.conversationId)
      emitVariants(options, event, others)
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

function emitTogether(
  { realtimeMetrics, emit }: OutboundOptions,
  conversationId: string,
  { facts, at }: Pending,
): void {
  const texts = facts.map(({ text }) => text)
  const frame = encodeFrame('events', `[${texts.join(',')}]`)
  realtimeMetrics.frames.inc({ event: 'events' }, emit(conversationId, frame))
  realtimeMetrics.delay.observe(Math.max(0, Date.now() - Date.parse(at)) / 1000)
}

function emitVariants(options: OutboundOptions, event: ConversationEvent, others: readonly Variant[]): void {
  const isOther = (userId: string) => others.some(({ people }) => people.has(userId))
  emitOne(options, event, JSON.stringify(event), (userId) => !isOther(userId))
  for (const { people, instead } of others) {
    if (people.size > 0) emitOne(options, instead, JSON.stringify(instead), (userId) => people.has(userId))
  }
}

/**
 * Emits one fact by itself, to some people: never to those who joined after it, although the stream may lag behind what
 * their memberships said when they connected.
 */
function emitOne(
  { realtimeMetrics, emit }: OutboundOptions,
  event: ConversationEvent,
  text: string,
  isForPerson: (userId: string) => boolean = () => true,
): void {
  const { conversationId, version } = event
  const isFor: IsFor = ({ userId, joinedVersions }) =>
    isForPerson(userId) && version >= (joinedVersions?.get(conversationId) ?? 0)
  const written = emit(conversationId, encodeFrame('events', `[${text}]`), isFor)
  realtimeMetrics.frames.inc({ event: 'events' }, written)
}

/**
 * The latest version at which anyone here joined each conversation. Facts below it, which a stream that lags may still
 * bring, are not for everyone in the room. Once a fact at or above it has passed, the floor is gone.
 */
export interface JoinFloors {
  raise(conversationId: string, version: number): void
  /** Whether a fact of this version must be checked for each socket. */
  holdsBack(conversationId: string, version: number): boolean
  drop(conversationId: string): void
}

export interface WithFloors {
  readonly floors: JoinFloors
}

export function createJoinFloors(): JoinFloors {
  const floors = new Map<string, number>()
  return {
    raise(conversationId, version) {
      if (version > (floors.get(conversationId) ?? 0)) floors.set(conversationId, version)
    },
    holdsBack(conversationId, version) {
      const floor = floors.get(conversationId)
      if (floor === undefined) return false
      if (version < floor) return true
      floors.delete(conversationId)
      return false
    },
    drop(conversationId) {
      floors.delete(conversationId)
    },
  }
}
