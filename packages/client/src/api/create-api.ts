import type { RouteContract, RouteReply } from '@finnigram/contracts'
import axios from 'axios'
import { authorise } from './authorise.ts'
import { type CallInput, callRoute } from './call-route.ts'
import { type NamedCalls, namedCalls } from './named-calls.ts'
import type { TokenSource } from './token-source.ts'

export interface Api extends NamedCalls {
  /** Calls any route of the contract. Throws `ApiProblem` when refused, `NetworkProblem` when no answer came. */
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
