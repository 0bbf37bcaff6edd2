import type { RouteContract } from '@finnigram/contracts'
import { conversationRoutes } from './conversation-routes.ts'
import { messageRoutes } from './message-routes.ts'
import { pushRoutes } from './push-routes.ts'
import type { Handler } from './request.ts'
import { userRoutes } from './user-routes.ts'

interface Matched {
  route: RouteContract
  handler: Handler
  params: Record<string, string>
}

const table = [...userRoutes, ...conversationRoutes, ...messageRoutes, ...pushRoutes].map(
  ([route, handler]) => ({
    route,
    handler,
    pattern: new RegExp(`^${route.path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`),
  }),
)

export function matchRoute(method: string, path: string): Matched | undefined {
  for (const { route, handler, pattern } of table) {
    const match = route.method === method ? pattern.exec(path) : null
    if (match) return { route, handler, params: { ...match.groups } }
  }
  return undefined
}
