import { usersApi } from '@finnigram/contracts'
import { type Route, route } from '@finnigram/service-kit'
import { listEndedSessions } from '../auth/list-ended-sessions.ts'
import type { UsersContext } from '../context.ts'
import { snapshotUsers } from '../people/snapshot-users.ts'

/** What other services ask. */
export const internalRoutes = (ctx: UsersContext): Route[] => [
  route(usersApi.snapshotUsers, ({ query }) => snapshotUsers(ctx, query)),
  route(usersApi.listEndedSessions, async () => ({ sessionIds: await listEndedSessions(ctx.pool) })),
]
