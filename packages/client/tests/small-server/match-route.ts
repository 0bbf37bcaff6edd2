import type { RouteContract } from '@finnigram/contracts'
import { conversationAnswers } from './conversation-answers.ts'
import { messageAnswers } from './message-answers.ts'
import { pushAnswers } from './push-answers.ts'
import type { Handler } from './request.ts'
import { userAnswers } from './user-answers.ts'

interface Matched {
  route: RouteContract
  handler: Handler
  params: Record<string, string>
}

const table = [...userAnswers, ...conversationAnswers, ...messageAnswers, ...pushAnswers].map(
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
