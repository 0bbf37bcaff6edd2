import type { Route } from '@finnigram/service-kit'
import type { MessagesContext } from './context.ts'
import { attachmentRoutes } from './routes/attachment-routes.ts'
import { conversationRoutes, inviteRoutes } from './routes/conversation-routes.ts'
import { internalRoutes } from './routes/internal-routes.ts'
import { messageChangeRoutes, messageRoutes, searchRoutes } from './routes/message-routes.ts'

/** Every route of this service: contract, use case, rate limit. */
export const routes = (ctx: MessagesContext): Route[] => [
  ...conversationRoutes(ctx),
  ...inviteRoutes(ctx),
  ...messageRoutes(ctx),
  ...messageChangeRoutes(ctx),
  ...searchRoutes(ctx),
  ...attachmentRoutes(ctx),
  ...internalRoutes(ctx),
]
