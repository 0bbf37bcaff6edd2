import { messagesApi as api } from '@finnigram/contracts'
import { type Route, route } from '@finnigram/service-kit'
import type { MessagesContext } from './context.ts'
import { createConversation } from './conversations/create-conversation.ts'
import { getConversation } from './conversations/get-conversation.ts'
import { listConversations } from './conversations/list-conversations.ts'
import { updateConversation } from './conversations/update-conversation.ts'
import { listEvents } from './events/list-events.ts'
import { getMessage } from './history/get-message.ts'
import { listMessages } from './history/list-messages.ts'
import { changeLimit, createLimit, markerLimit, readLimit } from './limits.ts'
import { moveInternally } from './markers/move-internally.ts'
import { moveMarker } from './markers/move-marker.ts'
import { listMemberships } from './memberships/list-memberships.ts'
import { addParticipants } from './participants/add-participants.ts'
import { changeRole } from './participants/change-role.ts'
import { listParticipants } from './participants/list-participants.ts'
import { removeParticipant } from './participants/remove-participant.ts'
import { sendInternally } from './sends/send-internally.ts'
import { sendMessage } from './sends/send-message.ts'
import { sendMessages } from './sends/send-messages.ts'
import { sync } from './sync/sync.ts'

/** Every call this service answers: its contract, its use case, its limits. Sends are limited one by one in their use cases, because a call may carry many. */
export const routes = (ctx: MessagesContext): Route[] => [
  route(api.createConversation, ({ actor, body }) => createConversation(ctx, actor, body), {
    limit: createLimit,
  }),
  route(api.listConversations, ({ actor, query }) => listConversations(ctx, actor, query), {
    limit: readLimit,
  }),
  route(api.getConversation, ({ actor, params }) => getConversation(ctx, actor, params.conversationId), {
    limit: readLimit,
  }),
  route(
    api.updateConversation,
    ({ actor, params, body }) => updateConversation(ctx, actor, { ...params, ...body }),
    {
      limit: changeLimit,
    },
  ),
  route(
    api.listParticipants,
    ({ actor, params, query }) => listParticipants(ctx, actor, { ...params, ...query }),
    {
      limit: readLimit,
    },
  ),
  route(
    api.addParticipants,
    ({ actor, params, body }) => addParticipants(ctx, actor, { ...params, ...body }),
    {
      limit: changeLimit,
    },
  ),
  route(api.changeRole, ({ actor, params, body }) => changeRole(ctx, actor, { ...params, ...body }), {
    limit: changeLimit,
  }),
  route(api.removeParticipant, ({ actor, params }) => removeParticipant(ctx, actor, params), {
    limit: changeLimit,
  }),
  route(api.sendMessage, ({ actor, params, body, requestId }) =>
    sendMessage(ctx, actor, { ...body, ...params, requestId }),
  ),
  route(api.sendMessages, ({ actor, body, requestId }) => sendMessages(ctx, actor, { ...body, requestId })),
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
  route(api.sync, ({ actor, body }) => sync(ctx, actor, body), { limit: readLimit }),
  route(api.internalSends, ({ body, requestId }) => sendInternally(ctx, { ...body, requestId })),
  route(api.internalMemberships, ({ body }) => listMemberships(ctx, body.userIds)),
  route(api.internalMarkers, ({ body, requestId }) => moveInternally(ctx, { ...body, requestId })),
]
