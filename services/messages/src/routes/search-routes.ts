import { messagesApi as api } from '@finnigram/contracts'
import { type Route, route } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { searchLimit } from '../limits.ts'
import { createSearchBulkhead } from '../search/search-bulkhead.ts'
import { searchMessages } from '../search/search-messages.ts'

/** Finding what was said. */
export const searchRoutes = (ctx: MessagesContext): Route[] => {
  const searches = createSearchBulkhead(ctx.metrics)
  return [
    route(
      api.searchMessages,
      ({ actor, query }) => searches.run(actor.userId, () => searchMessages(ctx, actor, query)),
      { limit: searchLimit, isFair: true },
    ),
  ]
}
