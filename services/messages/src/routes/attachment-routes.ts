import type { Route } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'

/** Files: how they come, and how they are fetched. */
export const attachmentRoutes = (_ctx: MessagesContext): Route[] => []
