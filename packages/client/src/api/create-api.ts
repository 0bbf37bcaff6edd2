import {
  messagesApi,
  type NewMessage,
  type RouteContract,
  type RouteReply,
  usersApi,
} from '@finnigram/contracts'
import type { AxiosInstance, InternalAxiosRequestConfig } from 'axios'
import axios, { isAxiosError } from 'axios'
import type { SyncPageRequest } from '../sync/sync-in-pages.ts'
import { type CallInput, callRoute } from './call-route.ts'

import { localProblem } from './problems.ts'

/** Where calls get their access token. */
export interface TokenSource {
  /** A valid token, renewed first when it is about to expire; null when nobody is signed in. */
  current(): Promise<string | null>
  /**
   * A new token in place of `stale`, which the server refused; null when the session is over.
   * Throws when the server cannot be reached.
   */
  renew(stale: string): Promise<string | null>
}

/** One token that is never renewed, for load generators and scripts. */
export function fixedToken(token: string): TokenSource {
  return { current: async () => token, renew: async () => null }
}

/** For calls that need no sign-in. */
export const noTokens: TokenSource = { current: async () => null, renew: async () => null }

export interface Api extends NamedCalls {
  /**
   * Calls any route of the contract. Throws `ApiProblem` when refused, `NetworkProblem` when no
   * answer came.
   */
  call<R extends RouteContract>(route: R, input: CallInput<R>): Promise<RouteReply<R>>
}

export interface ApiOptions {
  /** Origin of the server, such as `https://chat.example`; empty for the page's own. */
  baseUrl: string
  tokens: TokenSource
  /** Milliseconds until a call is given up; 15,000 when not said. */
  timeoutMs?: number
}

/** Typed REST calls, derived from the route contracts. */
export function createApi({ baseUrl, tokens, timeoutMs = 15_000 }: ApiOptions): Api {
  const http = axios.create({ baseURL: baseUrl, timeout: timeoutMs, maxRedirects: 0 })
  authorise(http, tokens)
  const call = <R extends RouteContract>(route: R, input: CallInput<R>) => callRoute(http, route, input)
  return { call, ...namedCalls(call) }
}

declare module 'axios' {
  interface AxiosRequestConfig {
    /** The call carries the access token. */
    signedIn?: boolean
    /** The token this try carried. */
    sentToken?: string
    /** The call has had its second try with a renewed token. */
    renewed?: boolean
  }
}

/**
 * Puts the access token on every signed-in call; a refused token is renewed and the call tried once
 * more.
 */
function authorise(http: AxiosInstance, tokens: TokenSource): void {
  http.interceptors.request.use(async (config) => {
    if (!config.signedIn) return config
    const token = await tokens.current()
    if (token === null) throw localProblem('unauthenticated')
    config.headers.set('Authorization', `Bearer ${token}`)
    config.sentToken = token
    return config
  })
  http.interceptors.response.use(undefined, async (error: unknown) => {
    const config = refusedForToken(error)
    if (!config?.sentToken || config.renewed) throw error
    const token = await tokens.renew(config.sentToken)
    if (token === null) throw error
    return http.request({ ...config, renewed: true })
  })
}

const proofCodes = new Set<unknown>(['invalid_credentials', 'totp_required'])

function refusedForToken(error: unknown): InternalAxiosRequestConfig | undefined {
  if (!isAxiosError(error) || error.response?.status !== 401) return undefined
  // A wrong password or code is no problem of the token: tried again, it would count as two
  // guesses.
  return proofCodes.has(error.response.data?.code) ? undefined : error.config
}

type Call = <R extends RouteContract>(route: R, input: CallInput<R>) => Promise<RouteReply<R>>
type NamedCalls = ReturnType<typeof namedCalls>

/** The most frequent calls, by name. */
function namedCalls(call: Call) {
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
