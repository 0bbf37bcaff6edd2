import type { Route } from '@finnigram/service-kit'
import type { MessagesContext } from './context.ts'
import { attachmentRoutes } from './routes/attachment-routes.ts'
import { conversationRoutes } from './routes/conversation-routes.ts'
import { internalRoutes } from './routes/internal-routes.ts'
import { inviteRoutes } from './routes/invite-routes.ts'
import { messageChangeRoutes } from './routes/message-change-routes.ts'
import { messageRoutes } from './routes/message-routes.ts'
import { searchRoutes } from './routes/search-routes.ts'

/** Every call this service answers: its contract, its use case, its limits. */
export const routes = (ctx: MessagesContext): Route[] => [
  ...conversationRoutes(ctx),
  ...inviteRoutes(ctx),
  ...messageRoutes(ctx),
  ...messageChangeRoutes(ctx),
  ...searchRoutes(ctx),
  ...attachmentRoutes(ctx),
  ...internalRoutes(ctx),
]
