import { messagesApi as api } from '@finnigram/contracts'
import { type Route, route } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { deleteMessage } from '../edits/delete-message.ts'
import { editMessage } from '../edits/edit-message.ts'
import { listPins, pinMessage, unpinMessage } from '../edits/pins.ts'
import { addReaction, removeReaction } from '../edits/reactions.ts'
import { listStars, starMessage, unstarMessage } from '../edits/stars.ts'
import { listEvents } from '../events/list-events.ts'
import { getMessage, listMessages } from '../history/list-messages.ts'
import { markerLimit, messageChangeLimit, readLimit, searchLimit, sendBatchLimit } from '../limits.ts'
import { moveMarker } from '../markers/move-marker.ts'
import { createSearchBulkhead } from '../search/search-bulkhead.ts'
import { searchMessages } from '../search/search-messages.ts'
import { sendMessage, sendMessages } from '../sends/accept-send.ts'
import { sync } from '../sync/sync.ts'

/**
 * Sending, history, markers and sync. Use cases apply the limit of sends, because a call may carry
 * many.
 */
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

const changed = { limit: messageChangeLimit }

/** Edits, deletions, reactions, pins and stars. */
export const messageChangeRoutes = (ctx: MessagesContext): Route[] => [
  route(
    api.editMessage,
    ({ actor, params, body }) => editMessage(ctx, actor, { ...params, ...body }),
    changed,
  ),
  route(api.deleteMessage, ({ actor, params }) => deleteMessage(ctx, actor, params.messageId), changed),
  route(api.addReaction, ({ actor, params }) => addReaction(ctx, actor, params), changed),
  route(api.removeReaction, ({ actor, params }) => removeReaction(ctx, actor, params), changed),
  route(api.pinMessage, ({ actor, params }) => pinMessage(ctx, actor, params.messageId), changed),
  route(api.unpinMessage, ({ actor, params }) => unpinMessage(ctx, actor, params.messageId), changed),
  route(api.listPins, ({ actor, params, query }) => listPins(ctx, actor, { ...params, ...query }), {
    limit: readLimit,
  }),
  route(api.starMessage, ({ actor, params }) => starMessage(ctx, actor, params.messageId), changed),
  route(api.unstarMessage, ({ actor, params }) => unstarMessage(ctx, actor, params.messageId), changed),
  route(api.listStars, ({ actor, query }) => listStars(ctx, actor, query), { limit: readLimit }),
]

/** Search in messages. */
export const searchRoutes = (ctx: MessagesContext): Route[] => {
  const bulkhead = createSearchBulkhead(ctx.metrics)
  return [
    route(
      api.searchMessages,
      ({ actor, query }) => bulkhead.run(actor.userId, () => searchMessages(ctx, actor, query)),
      { limit: searchLimit, isFair: true },
    ),
  ]
}
