import type { z } from 'zod'
import type { ErrorCode } from './problem.ts'

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** Who may call: anyone, a signed-in person, or another service holding the internal token. */
export type RouteAuth = 'none' | 'user' | 'internal'

/** One call of the HTTP API: all that a server, a client and the generated reference need to know about it. */
export interface RouteContract {
  method: HttpMethod
  /** Express-style path, such as `/v1/conversations/:conversationId`. */
  path: string
  summary: string
  auth: RouteAuth
  params?: z.ZodObject
  query?: z.ZodObject
  body?: z.ZodType
  /** Reply schema by status; `null` for an empty reply. */
  reply: Readonly<Partial<Record<200 | 201 | 202 | 204, z.ZodType | null>>>
  /** Codes beyond those every route shares (`validation_failed`, `unauthenticated`, `rate_limited`, `internal`, `unavailable`). */
  errors: readonly ErrorCode[]
}

/** Declares a route; the argument's exact types are kept, so that handlers and clients infer from it. Signed-in people only, unless `auth` says otherwise. */
export function defineRoute<
  const R extends Omit<RouteContract, 'auth' | 'errors'> & {
    auth?: RouteAuth
    errors?: readonly ErrorCode[]
  },
>(route: R): R & { auth: R['auth'] extends RouteAuth ? R['auth'] : 'user'; errors: readonly ErrorCode[] } {
  return { errors: [], ...route, auth: route.auth ?? 'user' } as R & {
    auth: R['auth'] extends RouteAuth ? R['auth'] : 'user'
    errors: readonly ErrorCode[]
  }
}

type Output<S> = S extends z.ZodType ? z.output<S> : undefined
type Input<S> = S extends z.ZodType ? z.input<S> : undefined

/** What a handler receives, after validation. */
export type RouteParams<R extends RouteContract> = Output<R['params']>
export type RouteQuery<R extends RouteContract> = Output<R['query']>
export type RouteBody<R extends RouteContract> = Output<R['body']>

/** What a client sends, before defaults are filled in. */
export type RouteQueryInput<R extends RouteContract> = Input<R['query']>
export type RouteBodyInput<R extends RouteContract> = Input<R['body']>

type ReplySchemas<R extends RouteContract> = R['reply'][keyof R['reply']]

/** The body of any successful reply; `undefined` where the reply is empty. */
export type RouteReply<R extends RouteContract> =
  ReplySchemas<R> extends infer S ? (S extends z.ZodType ? z.output<S> : undefined) : never
