import type { Route } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'

/** Finding what was said. */
export const searchRoutes = (_ctx: MessagesContext): Route[] => []
