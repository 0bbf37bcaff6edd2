import { type ConversationEventType, Fleeting, StreamedEvent, streamNames } from '@finnigram/contracts'
import {
  type HttpContext,
  type ParkedStore,
  parkEventOnce,
  parkedCounter,
  parkedEvents,
  reasonOf,
  type StreamEntry,
  unknownCounter,
} from '@finnigram/service-kit'
import type { WithIo, WithRedis } from '../deps.ts'
import type { WithPresence } from '../presence/presence.ts'
import { conversationRoom, emitToRoom } from '../wire/rooms.ts'
import {
  type ConversationEventHandlers,
  changesMembership,
  conversationEventHandlers,
  type EventOf,
  type FanOutContext,
} from './conversation-events.ts'
import { createEmittedVersions } from './emitted-versions.ts'
import type { WithMarkers } from './markers.ts'
import { createOutbound, type WithFloors } from './outbound.ts'
import { relayTyping, type WithTyping } from './typing.ts'
import {
  forwardAccountEvent,
  handleUserEvent,
  isUserEventType,
  parsePayload,
  type UserEventDeps,
} from './user-events.ts'

/** The streams that every node reads. */
export const fanOutStreams = [...streamNames('messages'), ...streamNames('users')]
/** Names the readers of all nodes together, where they park something. */
const names = { group: 'realtime-delivery' }

/** What brings facts from the streams to the sockets of this node. */
export interface FanOut {
  /**
   * Delivers what one read brought, in order. It never throws: what cannot be read is parked, and
   * whom it concerns syncs.
   */
  deliver(entries: readonly StreamEntry[]): Promise<void>
  /**
   * Facts that could not be read. A retry delivers one to the sockets of this node, unless they
   * have it by now.
   */
  readonly parked: ParkedStore
}

type FanOutDeps = UserEventDeps & WithFloors & WithRedis & Pick<HttpContext, 'metrics'>

/** What handles an entry, with what parks it and counts. */
interface Delivery extends FanOutContext {
  ctx: FanOutDeps
}

export function createFanOut(ctx: FanOutDeps, resync: FanOutContext['resync']): FanOut {
  const outbound = createOutbound({
    floors: ctx.floors,
    realtimeMetrics: ctx.realtimeMetrics,
    emit: (id, frame, isFor) =>
      emitToRoom(ctx.io, conversationRoom(id), frame, isFor ? { onlyTo: ({ data }) => isFor(data) } : {}),
  })
  const delivery: Delivery = { ctx, outbound, versions: createEmittedVersions(), resync }
  const unknown = unknownCounter(ctx.metrics)
  const deliverOne = (entry: StreamEntry) => {
    if (isConversationEventType(entry.type)) handleConversationEvent(delivery, entry.type, entry)
    else if (entry.type === 'account') forwardAccountEvent(ctx, entry)
    else if (isUserEventType(entry.type)) handleUserEvent(ctx, entry.type, entry)
    else unknown.inc({ reader: names.group })
  }
  return {
    async deliver(entries) {
      for (const entry of entries) {
        try {
          deliverOne(entry)
        } catch (error) {
          await parkAndResync(delivery, entry, error)
        }
      }
      await outbound.flushAll()
    },
    parked: parkedEvents(ctx.redis.commands, {
      ...names,
      streams: fanOutStreams,
      async handle(entry) {
        deliverOne(entry)
        await outbound.flushAll()
      },
    }),
  }
}

/** Every node meets the same entry: one of them parks it, and each has its own clients sync. */
async function parkAndResync({ ctx, resync }: Delivery, entry: StreamEntry, error: unknown): Promise<void> {
  const { stream, type, id, key } = entry
  ctx.log.error('An event could not be delivered', { type, stream, id, error })
  const reason = 'An event could not be read'
  if (isConversationEventType(type)) resync.room(key, reason)
  else resync.person(key, reason)
  const isFirst = await parkEventOnce(ctx.redis.commands, names, entry, reasonOf(error)).catch(() => false)
  if (isFirst) parkedCounter(ctx.metrics).inc({ kind: 'event' })
}

const isConversationEventType = (type: string): type is ConversationEventType =>
  Object.hasOwn(conversationEventHandlers, type)

function handleConversationEvent<T extends ConversationEventType>(
  delivery: Delivery,
  type: T,
  { key, payload }: StreamEntry,
): void {
  const { io, realtimeMetrics } = delivery.ctx
  const { versions, resync } = delivery
  // Most conversations have nobody here: what they say is not even parsed.
  const isHeard = io.sockets.adapter.rooms.has(conversationRoom(key))
  if (!isHeard) versions.forget(key)
  if (!isHeard && !changesMembership(type)) return
  const event = parseConversationEvent(type, payload)
  const place = versions.advance(event.conversationId, event.version)
  if (place === 'repeated') {
    realtimeMetrics.repeated.inc()
    return
  }
  const deliver: ConversationEventHandlers[T] = conversationEventHandlers[type]
  deliver(delivery, event, payload)
  // A removal may be among what never came.
  if (place === 'gap') resync.room(key, 'Something of a conversation never came')
}

function parseConversationEvent<T extends ConversationEventType>(type: T, payload: string): EventOf<T> {
  const event = parsePayload(StreamedEvent, payload)
  if (event.type !== type) throw new Error(`An entry of type ${type} tells ${event.type}`)
  return event as EventOf<T>
}

type FleetingKind = Fleeting['t']
type DataOf<K extends FleetingKind> = Extract<Fleeting, { t: K }>['data']
type FleetingDeps = WithIo & WithMarkers & WithPresence & WithTyping
type FleetingHandlers = { [K in FleetingKind]: (ctx: FleetingDeps, data: DataOf<K>) => void }

/** What each fleeting notice means to connected clients. */
const handlers: FleetingHandlers = {
  typing: relayTyping,
  markers: ({ markers }, moved) => {
    for (const marker of moved) markers.add(marker)
  },
  presence: ({ presence }, seen) => presence.hear(seen),
}

/** Passes on what nodes and services say over pub/sub. Throws when that cannot be read. */
export function handleFleeting(ctx: FleetingDeps, message: string): void {
  handle(ctx, Fleeting.parse(JSON.parse(message)))
}

function handle<K extends FleetingKind>(ctx: FleetingDeps, { t, data }: { t: K; data: DataOf<K> }): void {
  const handler: FleetingHandlers[K] = handlers[t]
  handler(ctx, data)
}
