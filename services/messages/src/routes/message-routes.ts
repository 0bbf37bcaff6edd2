import { messagesApi as api } from '@finnigram/contracts'
import { type Route, route } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { listEvents } from '../events/list-events.ts'
import { getMessage, listMessages } from '../history/list-messages.ts'
import { markerLimit, readLimit, sendBatchLimit } from '../limits.ts'
import { moveMarker } from '../markers/move-marker.ts'
import { sendMessage, sendMessages } from '../sends/accept-send.ts'
import { sync } from '../sync/sync.ts'

/** What is said, read, and missed. Sends are limited one by one in their use cases, because a call may carry many. */
export const messageRoutes = (ctx: MessagesContext): Route[] => [
  route(api.sendMessage, ({ actor, params, body, requestId }) =>
    sendMessage(ctx, actor, { ...body, ...params, requestId }),
  ),
  route(api.sendMessages, ({ actor, body, requestId }) => sendMessages(ctx, actor, { ...body, requestId }), {
    limit: sendBatchLimit,
  }),
  route(api.listMessages, ({ actor, params, query }) => listMessages(ctx, actor, { ...params, ...query }), {
    limit: readLimit,
  }),
  route(api.getMessage, ({ actor, params }) => getMessage(ctx, actor, params.messageId), {
    limit: readLimit,
  }),
  route(
    api.markRead,
    ({ actor, params, body }) => moveMarker(ctx, actor, { ...params, ...body, kind: 'read' }),
    {
      limit: markerLimit,
    },
  ),
  route(
    api.markDelivered,
    ({ actor, params, body }) => moveMarker(ctx, actor, { ...params, ...body, kind: 'delivered' }),
    { limit: markerLimit },
  ),
  route(api.listEvents, ({ actor, params, query }) => listEvents(ctx, actor, { ...params, ...query }), {
    limit: readLimit,
  }),
  route(api.sync, ({ actor, body }) => sync(ctx, actor, body), { limit: readLimit, isFair: true }),
]
