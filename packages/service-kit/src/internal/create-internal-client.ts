import { Problem, type RouteContract, type RouteReply } from '@finnigram/contracts'
import type { z } from 'zod'
import { AppError } from '../errors/app-error.ts'
import { currentRequestId } from '../logger/request-context.ts'

type InputOf<S> = S extends z.ZodType ? z.input<S> : undefined

export interface InternalCall<R extends RouteContract> {
  params?: Record<string, string>
  query?: InputOf<R['query']>
  body?: InputOf<R['body']>
  /** Longest to wait for the answer, in milliseconds; 5000 when not said. */
  timeoutMs?: number
}

export interface InternalClient {
  /** Calls a route of the other service. Throws the `AppError` it answered, or `unavailable` when it cannot be reached in time. */
  call<const R extends RouteContract>(contract: R, input?: InternalCall<R>): Promise<RouteReply<R>>
}

/** Calls another service's internal routes with the shared secret, over kept connections, passing the request id on. The reply is trusted: it comes from the same contract. */
export function createInternalClient({ baseUrl, token }: { baseUrl: string; token: string }): InternalClient {
  return {
    async call(contract, { params = {}, query, body, timeoutMs = 5000 } = {}) {
      const url = new URL(fillPath(contract.path, params), baseUrl)
      for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, String(value))
      const requestId = currentRequestId()
      const response = await fetch(url, {
        method: contract.method,
        headers: {
          'x-internal-token': token,
          ...(requestId === undefined ? {} : { 'x-request-id': requestId }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.timeout(timeoutMs),
      }).catch((cause) => {
        throw new AppError('unavailable', { retryAfter: 1, cause })
      })
      return readReply(response)
    },
  }
}

function fillPath(path: string, params: Record<string, string>): string {
  return path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
}

async function readReply<T>(response: Response): Promise<T> {
  const content: unknown = response.status === 204 ? undefined : await response.json().catch(() => undefined)
  if (response.ok) return content as T
  const problem = Problem.safeParse(content)
  if (!problem.success)
    throw new AppError('unavailable', { retryAfter: 1, cause: new Error(`Answered ${response.status}`) })
  const { code, detail, errors } = problem.data
  throw new AppError(code, { detail, errors, retryAfter: Number(response.headers.get('retry-after') ?? 1) })
}
