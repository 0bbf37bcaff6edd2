import type { ConversationEventType } from '@finnigram/contracts'
import type { StreamEntry } from '@finnigram/service-kit'
import type { RealtimeContext } from '../context.ts'
import { conversationRoom } from '../rooms.ts'
import { emitToRoom } from '../wire/emit-to-room.ts'
import { tellAccount } from './account.ts'
import {
  changesMembership,
  type Delivery,
  deliverers,
  type EventHandlers,
  type EventOf,
} from './deliverers.ts'
import { createEmittedVersions } from './emitted-versions.ts'
import { createOutbound } from './outbound.ts'
import { isUserEventType, tellOfUser } from './tell-of-user.ts'

/** A function that delivers what one read of the streams brought to the sockets of this node, in order. It never throws: an entry that cannot be read is logged and left out. */
export function createDeliverEntries(
  ctx: RealtimeContext,
  resync: Delivery['resync'],
): (entries: StreamEntry[]) => Promise<void> {
  const outbound = createOutbound({
    floors: ctx.floors,
    figures: ctx.figures,
    emit: (id, frame, isFor) =>
      emitToRoom(ctx.io, conversationRoom(id), frame, isFor ? { onlyTo: ({ data }) => isFor(data) } : {}),
  })
  const delivery: Delivery = { ctx, outbound, versions: createEmittedVersions(), resync }

  return async (entries) => {
    for (const entry of entries) {
      try {
        if (isConversationEventType(entry.type)) deliverFact(delivery, entry.type, entry)
        else if (entry.type === 'account') tellAccount(ctx, entry)
        else if (isUserEventType(entry.type)) tellOfUser(ctx, entry.type, entry)
        else ctx.log.debug('An event of an unknown type was left out', { type: entry.type })
      } catch (error) {
        ctx.log.error('An event could not be delivered', { type: entry.type, id: entry.id, error })
      }
    }
    await delivery.outbound.flushAll()
  }
}

const isConversationEventType = (type: string): type is ConversationEventType =>
  Object.hasOwn(deliverers, type)

function deliverFact<T extends ConversationEventType>(
  delivery: Delivery,
  type: T,
  { key, payload }: StreamEntry,
): void {
  const { io, figures } = delivery.ctx
  const { versions, resync } = delivery
  // Most conversations have nobody here: what they say is not even parsed.
  const isHeard = io.sockets.adapter.rooms.has(conversationRoom(key))
  if (!isHeard) versions.forget(key)
  if (!isHeard && !changesMembership(type)) return
  const event = JSON.parse(payload) as EventOf<T>
  const place = versions.advance(event.conversationId, event.version)
  if (place === 'repeated') {
    figures.repeated.inc()
    return
  }
  const deliver: EventHandlers[T] = deliverers[type]
  deliver(delivery, event, payload)
  // A removal may be among what never came.
  if (place === 'gap') resync.room(key, 'Something of a conversation never came')
}
