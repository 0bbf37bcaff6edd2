import type { Route } from '@finnigram/service-kit'
import type { UsersContext } from './context.ts'
import { authRoutes } from './routes/auth-routes.ts'
import { internalRoutes } from './routes/internal-routes.ts'
import { peopleRoutes } from './routes/people-routes.ts'

/** Every call this service answers: its contract, its limits, its use case. */
export const routes = (ctx: UsersContext): Route[] => [
  ...authRoutes(ctx),
  ...peopleRoutes(ctx),
  ...internalRoutes(ctx),
]
