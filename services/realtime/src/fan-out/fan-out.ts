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
import { createSendBuffer, type WithFloors } from './send-buffer.ts'
import { relayTyping, type WithTyping } from './typing.ts'
import {
  forwardAccountEvent,
  handleUserEvent,
  isUserEventType,
  parsePayload,
  type UserEventDeps,
} from './user-events.ts'

/**
 * Fan-out: brings events from Redis Streams and pub/sub to the sockets of this node.
 *
 * Promises: each event of a conversation reaches every socket in its room, in order and usually
 * once, in at most one frame for each read. No socket gets an event from before its person joined,
 * or from after they left. Where an event may have been missed or cannot be read, the sockets
 * concerned get a resync.
 *
 * Procedure: every node reads every stream. An entry of a conversation without a socket here is not
 * even parsed. The version decides whether it is next, repeated or follows a gap. Its handler
 * changes rooms and adds the event to the outbound frames, which are flushed at the end of a read.
 * Fleeting notices (typing, markers, presence) take a shorter way: they are merged and may be
 * dropped.
 *
 * Never: throws (an entry that cannot be read is parked by one node), asks a database, or waits for
 * a slow socket.
 *
 * Called by the stream reader and the pub/sub subscription that `service.ts` starts.
 */

/** The streams that every node reads. */
export const fanOutStreams = [...streamNames('messages'), ...streamNames('users')]
/** The group under which all nodes park entries. */
const names = { group: 'realtime-delivery' }

export interface FanOut {
  /** Delivers the entries of one read, in order. */
  deliver(entries: readonly StreamEntry[]): Promise<void>
  /** Entries that could not be read. A retry delivers one to the sockets of this node. */
  readonly parked: ParkedStore
}

type FanOutDeps = UserEventDeps & WithFloors & WithRedis & Pick<HttpContext, 'metrics'>

interface Delivery extends FanOutContext {
  ctx: FanOutDeps
}

export function createFanOut(ctx: FanOutDeps, resync: FanOutContext['resync']): FanOut {
  const outbound = createSendBuffer({
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

/** Every node reads the same bad entry: the first parks it, and each resyncs its own clients. */
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
  // Most conversations have no socket here: their events are not even parsed.
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
  // A removal may be among the missing events.
  if (place === 'gap') resync.room(key, 'Something of a conversation never came')
}

function parseConversationEvent<T extends ConversationEventType>(type: T, payload: string): EventOf<T> {
  const event = parsePayload(StreamedEvent, payload)
  if (event.type !== type) throw new Error(`An entry of type ${type} has an event of type ${event.type}`)
  return event as EventOf<T>
}

type FleetingKind = Fleeting['t']
type DataOf<K extends FleetingKind> = Extract<Fleeting, { t: K }>['data']
type FleetingDeps = WithIo & WithMarkers & WithPresence & WithTyping
type FleetingHandlers = { [K in FleetingKind]: (ctx: FleetingDeps, data: DataOf<K>) => void }

/** The handler of each fleeting notice. */
const handlers: FleetingHandlers = {
  typing: relayTyping,
  markers: ({ markers }, moved) => {
    for (const marker of moved) markers.add(marker)
  },
  presence: ({ presence }, change) => presence.applyChange(change),
}

/** Handles a message of pub/sub. Throws when it cannot be read. */
export function handleFleeting(ctx: FleetingDeps, message: string): void {
  handle(ctx, Fleeting.parse(JSON.parse(message)))
}

function handle<K extends FleetingKind>(ctx: FleetingDeps, { t, data }: { t: K; data: DataOf<K> }): void {
  const handler: FleetingHandlers[K] = handlers[t]
  handler(ctx, data)
}
