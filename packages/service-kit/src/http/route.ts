import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { FileReply, RouteBody, RouteContract, RouteParams, RouteQuery } from '@finnigram/contracts'
import type { z } from 'zod'
import type { Actor, TokenVerifier } from '../auth/token-verifier.ts'
import type { Health } from '../health.ts'
import type { RateLimit, RateLimiter } from '../limits/rate-limiter.ts'
import type { Logger } from '../logger/logger.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { FileBody, JsonText } from './reply.ts'

type ActorOf<A> = A extends 'user' ? Actor : undefined

/** What a handler gets: everything validated, nothing of Express. */
export interface HttpRequest<R extends RouteContract> {
  readonly params: RouteParams<R>
  readonly query: RouteQuery<R>
  readonly body: RouteBody<R>
  /** The signed-in caller, on routes that ask for one. */
  readonly actor: ActorOf<R['auth']>
  readonly requestId: string
  readonly ip: string
  readonly headers: IncomingHttpHeaders
  /** Aborts when the client hangs up or the deadline passes. */
  readonly signal: AbortSignal
  /** Adds a header to the reply. */
  setHeader(name: string, value: string): void
}

type BodyOf<S> = S extends z.ZodType ? z.output<S> | JsonText : S extends FileReply ? FileBody : undefined
type StatusOf<R extends RouteContract> = keyof R['reply'] & number
type ReplyWithStatus<R extends RouteContract> = {
  [S in StatusOf<R>]: { status: S; body: BodyOf<R['reply'][S]> }
}[StatusOf<R>]
type IsOne<T, U = T> = [T] extends [never] ? false : T extends U ? ([U] extends [T] ? true : false) : never

/**
 * What a handler returns: the body where the contract has one status (nothing for an empty one),
 * otherwise the result of `reply(status, body)`.
 */
export type HandlerReply<R extends RouteContract> = R['raw'] extends true
  ? // biome-ignore lint/suspicious/noConfusingVoidType: it has answered by itself
    void
  : IsOne<StatusOf<R>> extends true
    ? BodyOf<R['reply'][StatusOf<R>]> extends undefined
      ? // biome-ignore lint/suspicious/noConfusingVoidType: a handler of an empty reply returns nothing
        void
      : BodyOf<R['reply'][StatusOf<R>]>
    : ReplyWithStatus<R>

/** The exchange itself, for routes whose contract is `raw`. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

export type Handler<R extends RouteContract> = (
  request: HttpRequest<R>,
  exchange: Exchange,
) => HandlerReply<R> | Promise<HandlerReply<R>>

/**
 * A rate limit and its key: the address (checked first), the user (once authenticated), or a key
 * made from the whole request.
 */
export interface RouteLimit<R extends RouteContract = RouteContract> extends RateLimit {
  by: 'ip' | 'actor' | ((request: HttpRequest<R>) => string)
}

/** A row of a service's route table. */
export interface Route {
  readonly contract: RouteContract
  readonly limits: readonly RouteLimit[]
  readonly handler: Handler<RouteContract>
  /** The use case keeps its users apart by itself, such as by a bulkhead. */
  readonly isFair: boolean
}

/** Binds a contract to its use case, with the rate limits that are checked before. */
export function route<R extends RouteContract>(
  contract: R,
  handler: Handler<R>,
  {
    limit = [],
    isFair = false,
  }: { limit?: RouteLimit<NoInfer<R>> | readonly RouteLimit<NoInfer<R>>[]; isFair?: boolean } = {},
): Route {
  // Requests are validated by this very contract before the handler, so the wider type is safe.
  const row: { contract: RouteContract; limits: unknown; handler: unknown; isFair: boolean } = {
    contract,
    limits: [limit].flat(),
    handler,
    isFair,
  }
  return row as Route
}

/** What the HTTP server needs of a service. */
export interface HttpContext {
  readonly log: Logger
  readonly metrics: Metrics
  readonly health: Health
  readonly limits: RateLimiter
  /** Needed where a route asks for a signed-in caller. */
  readonly tokens?: TokenVerifier | undefined
}

/** The settings of it; `baseEnv` and `internalEnv` have the same names. */
export interface HttpConfig {
  readonly HOST: string
  readonly PORT: number
  readonly TRUST_PROXY: string
  readonly CHECK_REPLIES: boolean
  readonly RATE_LIMIT_SCALE: number
  /** Needed where a route is for other services only. */
  readonly INTERNAL_TOKEN?: string | undefined
}
