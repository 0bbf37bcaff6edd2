import { messagesApi as api } from '@finnigram/contracts'
import { parkedRoutes, type Route, route } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { exportAttachment, exportAttachments } from '../export/export-attachments.ts'
import {
  exportConversations,
  exportMessages,
  exportReactions,
  exportStars,
} from '../export/export-messages.ts'
import { moveInternally } from '../markers/move-internally.ts'
import { listMemberships } from '../memberships/list-memberships.ts'
import { findContactOf } from '../people/find-contact-of.ts'
import { countBadges } from '../push/count-badges.ts'
import { listPushRecipients } from '../push/list-push-recipients.ts'
import { sendInternally } from '../sends/accept-send.ts'

/** What other services ask. */
export const internalRoutes = (ctx: MessagesContext): Route[] => [
  route(api.internalSends, ({ body, requestId }) => sendInternally(ctx, { ...body, requestId })),
  route(api.internalMemberships, ({ body }) => listMemberships(ctx, body)),
  route(api.internalMarkers, ({ body, requestId }) => moveInternally(ctx, { ...body, requestId })),
  route(api.lookupContacts, ({ body }) => findContactOf(ctx, body)),
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
