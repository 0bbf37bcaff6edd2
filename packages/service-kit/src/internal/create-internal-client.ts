import { Readable } from 'node:stream'
import { Problem, type RouteContract, type RouteReply } from '@finnigram/contracts'
import type { z } from 'zod'
import { AppError } from '../errors/app-error.ts'
import { currentRequestId } from '../logger/request-context.ts'
import { createRequester, type PlainReply } from './create-requester.ts'

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
  /** Opens a file that a route answers; it is fetched as fast as it is read. Throws the same. */
  open(contract: RouteContract, input: { params: Record<string, string> }): Promise<Readable>
}

/** Calls another service's internal routes with the shared secret, over kept connections, passing the request id on. The reply is trusted: it comes from the same contract. */
export function createInternalClient({ baseUrl, token }: { baseUrl: string; token: string }): InternalClient {
  const ask = createRequester(baseUrl)
  return {
    async call(contract, { params = {}, query, body, timeoutMs = 5000 } = {}) {
      const requestId = currentRequestId()
      const reply = await ask({
        method: contract.method,
        path: fillPath(contract.path, params) + toSearch(query),
        headers: {
          'x-internal-token': token,
          ...(requestId === undefined ? {} : { 'x-request-id': requestId }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
        timeoutMs,
      }).catch((cause) => {
        throw new AppError('unavailable', { retryAfter: 1, cause })
      })
      return readReply(reply)
    },
    async open({ path }, { params }) {
      const response = await fetch(baseUrl.replace(/\/+$/, '') + fillPath(path, params), {
        headers: { 'x-internal-token': token },
      }).catch((cause) => {
        throw new AppError('unavailable', { retryAfter: 1, cause })
      })
      if (response.ok && response.body) return Readable.from(bytesOf(response.body), { objectMode: false })
      return readReply({ status: response.status, text: await response.text(), retryAfter: 1 })
    },
  }
}

/** Whoever stops reading ends the answer. */
async function* bytesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader()
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value
  } finally {
    await reader.cancel()
  }
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
