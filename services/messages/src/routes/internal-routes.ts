import { messagesApi as api } from '@finnigram/contracts'
import { parkedRoutes, type Route, route } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { listMemberships } from '../conversations/participants/list-memberships.ts'
import { exportAttachment, exportAttachments } from '../export/export-attachments.ts'
import {
  exportConversations,
  exportMessages,
  exportReactions,
  exportStars,
} from '../export/export-messages.ts'
import { moveMarkers } from '../markers/move-marker.ts'
import { lookupContacts } from '../people/lookup-contacts.ts'
import { countBadges } from '../push/count-badges.ts'
import { listPushRecipients } from '../push/list-push-recipients.ts'
import { sendInternally } from '../sends/accept-send.ts'

/** Calls from other services. */
export const internalRoutes = (ctx: MessagesContext): Route[] => [
  route(api.internalSends, ({ body, requestId }) => sendInternally(ctx, { ...body, requestId })),
  route(api.internalMemberships, ({ body }) => listMemberships(ctx, body)),
  route(api.internalMarkers, ({ body, requestId }) => moveMarkers(ctx, { ...body, requestId })),
  route(api.lookupContacts, ({ body }) => lookupContacts(ctx, body)),
  route(api.exportConversations, ({ params, query }) => exportConversations(ctx, { ...params, ...query })),
  route(api.exportMessages, ({ params, query }) => exportMessages(ctx, { ...params, ...query })),
  route(api.exportStars, ({ params, query }) => exportStars(ctx, { ...params, ...query })),
  route(api.exportReactions, ({ params, query }) => exportReactions(ctx, { ...params, ...query })),
  route(api.exportAttachments, ({ params, query }) => exportAttachments(ctx, { ...params, ...query })),
  route(api.exportAttachment, ({ params }) => exportAttachment(ctx, params)),
  route(api.listPushRecipients, ({ body }) => listPushRecipients(ctx, body)),
  route(api.countBadges, ({ body }) => countBadges(ctx, body.userIds)),
  ...parkedRoutes(() => ctx.parked),
]
