import {
  newId,
  type RouteBodyInput,
  type RouteContract,
  type RouteParams,
  type RouteQueryInput,
  type RouteReply,
} from '@finnigram/contracts'
import type { AxiosInstance } from 'axios'
import { sleep } from '../interruptible-sleep.ts'
import { ApiProblem, toProblemError } from './problems.ts'

type Given<Name extends string, T> = [T] extends [undefined] ? unknown : { [K in Name]: T }
type MayGive<Name extends string, T> = [T] extends [undefined] ? unknown : { [K in Name]?: T }

export interface CallOptions {
  signal?: AbortSignal
  timeoutMs?: number
  /** A browser finishes the call even if its page is closed. */
  keepalive?: boolean
}

/** What a call of route `R` takes: its path parameters, query and body, as far as it has them. */
export type CallInput<R extends RouteContract> = CallOptions &
  Given<'params', RouteParams<R>> &
  MayGive<'query', RouteQueryInput<R>> &
  Given<'body', RouteBodyInput<R>>

interface AnyInput extends CallOptions {
  params?: Record<string, unknown>
  query?: Record<string, unknown>
  body?: unknown
}

const mostTries = 3
const longestRetryAfterMs = 10_000

/**
 * Calls a route. An idempotent one is tried again when the server says when (429, 503). Throws
 * `ApiProblem` or `NetworkProblem`.
 */
export async function callRoute<R extends RouteContract>(
  http: AxiosInstance,
  route: R,
  input: CallInput<R>,
): Promise<RouteReply<R>> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await callOnce<RouteReply<R>>(http, route, input)
    } catch (thrown) {
      const error = toProblemError(thrown)
      const wait = waitBeforeRetry(route, error)
      if (wait === null || tries === mostTries || input.signal?.aborted) throw error
      await sleep(wait, input.signal)
    }
  }
}

async function callOnce<Reply>(http: AxiosInstance, route: RouteContract, input: AnyInput): Promise<Reply> {
  const { data } = await http.request<Reply>({
    method: route.method,
    url: fillPath(route.path, input.params ?? {}),
    params: input.query,
    data: input.body,
    signedIn: route.auth === 'user',
    headers: { 'X-Request-Id': newId() },
    ...(input.signal === undefined ? {} : { signal: input.signal }),
    ...(input.timeoutMs === undefined ? {} : { timeout: input.timeoutMs }),
    ...(input.keepalive ? outlivingThePage : {}),
  })
  return data
}

/** Only `fetch` can do that. */
const outlivingThePage = { adapter: ['fetch', 'xhr', 'http'], fetchOptions: { keepalive: true } }

function fillPath(path: string, params: Record<string, unknown>): string {
  return path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params[name])))
}

const idempotent = new Set<string>(['GET', 'PUT', 'DELETE'])

/** Null: do not try again. */
function waitBeforeRetry(route: RouteContract, error: unknown): number | null {
  if (!idempotent.has(route.method) || !(error instanceof ApiProblem)) return null
  if (error.status !== 429 && error.status !== 503) return null
  const { retryAfterMs } = error
  return retryAfterMs === null || retryAfterMs > longestRetryAfterMs ? null : retryAfterMs
}
