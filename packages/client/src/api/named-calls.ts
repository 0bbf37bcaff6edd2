import {
  messagesApi,
  type NewMessage,
  type RouteContract,
  type RouteReply,
  usersApi,
} from '@finnigram/contracts'
import type { SyncPageRequest } from '../sync/sync-in-pages.ts'
import type { CallInput } from './call-route.ts'

type Call = <R extends RouteContract>(route: R, input: CallInput<R>) => Promise<RouteReply<R>>
export type NamedCalls = ReturnType<typeof namedCalls>

/** The calls everyone makes, by name. */
export function namedCalls(call: Call) {
  const inside = (conversationId: string) => ({ params: { conversationId } })
  return {
    createDirect: (userId: string) =>
      call(messagesApi.createConversation, { body: { kind: 'direct', userId } }),
    createGroup: (group: { id: string; title: string; userIds: string[] }) =>
      call(messagesApi.createConversation, { body: { kind: 'group', ...group } }),
    getConversation: (conversationId: string) => call(messagesApi.getConversation, inside(conversationId)),
    sendMessage: (conversationId: string, message: NewMessage) =>
      call(messagesApi.sendMessage, { ...inside(conversationId), body: message }),
    listMessages: (
      conversationId: string,
      query: { before?: number; after?: number; around?: number; limit?: number } = {},
    ) => call(messagesApi.listMessages, { ...inside(conversationId), query }),
    listEvents: (conversationId: string, after: number) =>
      call(messagesApi.listEvents, { ...inside(conversationId), query: { after, limit: 1000 } }),
    sync: ({ known, since, range }: SyncPageRequest) =>
      call(messagesApi.sync, {
        body: { known, ...(since === undefined ? {} : { since }), ...(range === undefined ? {} : { range }) },
      }),
    markRead: (conversationId: string, seq: number) =>
      call(messagesApi.markRead, { ...inside(conversationId), body: { seq } }),
    markDelivered: (conversationId: string, seq: number) =>
      call(messagesApi.markDelivered, { ...inside(conversationId), body: { seq } }),
    searchUsers: (query: string, limit = 20) => call(usersApi.searchUsers, { query: { query, limit } }),
    lookupUsers: (ids: string[]) => call(usersApi.lookupUsers, { body: { ids } }),
    getMe: () => call(usersApi.getMe, {}),
  }
}
