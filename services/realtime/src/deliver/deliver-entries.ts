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
  resyncAll: Delivery['resyncAll'],
): (entries: StreamEntry[]) => Promise<void> {
  const outbound = createOutbound({
    floors: ctx.floors,
    figures: ctx.figures,
    emit: (id, frame, isFor) =>
      emitToRoom(ctx.io, conversationRoom(id), frame, isFor ? { onlyTo: ({ data }) => isFor(data) } : {}),
  })
  const delivery: Delivery = { ctx, outbound, versions: createEmittedVersions(), resyncAll }

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
  // Most conversations have nobody here: what they say is not even parsed.
  if (!changesMembership(type) && !io.sockets.adapter.rooms.has(conversationRoom(key))) return
  const event = JSON.parse(payload) as EventOf<T>
  if (!delivery.versions.advance(event.conversationId, event.version)) {
    figures.repeated.inc()
    return
  }
  const deliver: EventHandlers[T] = deliverers[type]
  deliver(delivery, event, payload)
}
