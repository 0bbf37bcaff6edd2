import { hash, timingSafeEqual } from 'node:crypto'
import { Readable } from 'node:stream'
import { Problem, type RouteContract, type RouteReply } from '@finnigram/contracts'
import type { z } from 'zod'
import { AppError } from '../errors.ts'
import { currentRequestId } from '../logger/request-context.ts'
import { createHttpClient, type PlainReply } from './http-client.ts'

type InputOf<S> = S extends z.ZodType ? z.input<S> : undefined

export interface InternalCall<R extends RouteContract> {
  params?: Record<string, string>
  query?: InputOf<R['query']>
  body?: InputOf<R['body']>
  /** Longest to wait for the answer, in milliseconds; 5000 when not said. */
  timeoutMs?: number
}

export interface InternalClient extends Disposable {
  /**
   * Calls a route of the other service. Throws the `AppError` it answered, or `unavailable` when it
   * cannot be reached in time.
   */
  call<const R extends RouteContract>(contract: R, input?: InternalCall<R>): Promise<RouteReply<R>>
  /**
   * Opens a file as a stream that is fetched as fast as it is read. Throws the same; the stream
   * fails when the other side stalls.
   */
  open(contract: RouteContract, input: FileCall): Promise<Readable>
}

interface FileCall {
  params: Record<string, string>
  /** Longest to wait for the first of it, in milliseconds; 15,000 when not said. */
  timeoutMs?: number
  /** Longest stall while the reader waits for more, in milliseconds; 30,000 when not said. */
  silenceMs?: number
}

/**
 * Calls another service's internal routes with the shared secret and the request id, over
 * kept-alive connections. The reply is trusted: it comes from the same contract.
 */
export function createInternalClient({ baseUrl, token }: { baseUrl: string; token: string }): InternalClient {
  const http = createHttpClient(baseUrl)
  const headers = (): Record<string, string> => {
    const requestId = currentRequestId()
    return { 'x-internal-token': token, ...(requestId === undefined ? {} : { 'x-request-id': requestId }) }
  }
  return {
    async call({ method, path }, { params = {}, query, body, timeoutMs = 5000 } = {}) {
      const reply = await http
        .request({
          method,
          path: fillPath(path, params) + toSearch(query),
          headers: { ...headers(), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
          body: body === undefined ? undefined : JSON.stringify(body),
          timeoutMs,
        })
        .catch(throwUnavailable)
      return readReply(reply)
    },
    async open({ method, path }, { params, timeoutMs = 15_000, silenceMs = 30_000 }) {
      const asked = { method, path: fillPath(path, params), headers: headers(), timeoutMs, silenceMs }
      const answer = await http.open(asked).catch(throwUnavailable)
      return answer instanceof Readable ? answer : readReply(answer)
    },
    [Symbol.dispose]: () => http[Symbol.dispose](),
  }
}

function throwUnavailable(cause: unknown): never {
  throw new AppError('unavailable', { retryAfter: 1, cause })
}

function fillPath(path: string, params: Record<string, string>): string {
  return path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
}

function toSearch(query: object | undefined): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) search.set(name, String(value))
  }
  return search.size > 0 ? `?${search}` : ''
}

function readReply<T>({ status, text, retryAfter }: PlainReply): T {
  const content = parse(text)
  if (status >= 200 && status < 300) return content as T
  const problem = Problem.safeParse(content)
  if (!problem.success) {
    throw new AppError('unavailable', { retryAfter: 1, cause: new Error(`Answered ${status}`) })
  }
  const { code, detail, errors } = problem.data
  throw new AppError(code, { detail, errors, retryAfter })
}

function parse(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * Checks in constant time that a header is the services' shared secret. Throws `unauthenticated`.
 */
export function createInternalGuard(secret: string): (shown: string | string[] | undefined) => void {
  const digest = (text: string) => hash('sha256', text, 'buffer')
  const expected = digest(secret)
  return (shown) => {
    if (typeof shown !== 'string' || !timingSafeEqual(digest(shown), expected))
      throw new AppError('unauthenticated')
  }
}
