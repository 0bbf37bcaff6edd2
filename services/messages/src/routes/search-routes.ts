import { messagesApi as api } from '@finnigram/contracts'
import { type Route, route } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { searchLimit } from '../limits.ts'
import { searchMessages } from '../search/search-messages.ts'
import { createSearchTurns } from '../search/search-turns.ts'

/** Finding what was said. */
export const searchRoutes = (ctx: MessagesContext): Route[] => {
  const turns = createSearchTurns(ctx.metrics)
  return [
    route(
      api.searchMessages,
      ({ actor, query }) => turns.run(actor.userId, () => searchMessages(ctx, actor, query)),
      { limit: searchLimit, isFair: true },
    ),
  ]
}
