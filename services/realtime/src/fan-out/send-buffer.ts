import type { ConversationEvent } from '@finnigram/contracts'
import type { Connection } from '../connection.ts'
import type { RealtimeMetrics } from '../metrics.ts'
import { encodeFrame, type Frame } from '../wire/frame.ts'

/** Events on their way out, gathered by conversation: those of one read leave in one frame. */
export interface SendBuffer {
  /** Adds an event, with its JSON text as it was published. */
  add(event: ConversationEvent, text: string): void
  /**
   * Emits an event at once, with a variant for some people, each of whom is in one group at most.
   */
  addVariants(event: ConversationEvent, others: readonly Variant[]): void
  /** Emits the pending events of one conversation. */
  flush(conversationId: string): void
  /** Emits all pending events, and yields to the event loop in between. */
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
  events: { event: ConversationEvent; text: string }[]
  size: number
  /** Time of the first of these events. */
  at: string
}

/** Characters of JSON after which a frame is full. */
const frameSize = 128 * 1024
/**
 * Longest time without a yield to the event loop, in milliseconds: heartbeats and sends wait for
 * it.
 */
const stretchMs = 15

export function createSendBuffer(options: OutboundOptions): SendBuffer {
  const { floors, realtimeMetrics } = options
  const byConversation = new Map<string, Pending>()

  const flush = (conversationId: string) => {
    const pending = byConversation.get(conversationId)
    if (!pending) return
    byConversation.delete(conversationId)
    const [first] = pending.events
    if (!first || !floors.holdsBack(conversationId, first.event.version)) {
      emitTogether(options, conversationId, pending)
      return
    }
    // While these were pending, a person connected who joined after them.
    for (const { event, text } of pending.events) emitOne(options, event, text)
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
      const pending = byConversation.get(conversationId) ?? { events: [], size: 0, at: event.at }
      byConversation.set(conversationId, pending)
      pending.events.push({ event, text })
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
  { events, at }: Pending,
): void {
  const texts = events.map(({ text }) => text)
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
 * Emits one event alone, to some people. Never to those who joined after it: the stream may lag
 * behind the memberships that were loaded when they connected.
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
 * The latest version at which anyone here joined each conversation. A lagging stream may still
 * bring events below it, which are not for everyone in the room. The floor goes with the first
 * event at or above it.
 */
export interface JoinFloors {
  raise(conversationId: string, version: number): void
  /** Whether an event of this version must be checked for each socket. */
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
