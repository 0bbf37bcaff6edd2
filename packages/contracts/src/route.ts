import { z } from 'zod'
import type { ErrorCode } from './problem.ts'

export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'

/** Who may call: anyone, a signed-in person, or another service holding the internal token. */
export type RouteAuth = 'none' | 'user' | 'internal'

/** A body that is not JSON but the bytes of a file, read whole. */
export interface BytesBody {
  /** The largest that is read, in bytes; more is `payload_too_large`. */
  readonly maxBytes: number
  /**
   * Media types that may be announced, such as `image/png`; others are `unsupported_media_type`.
   * What the bytes really are is for the handler to find out.
   */
  readonly mediaTypes: readonly string[]
}

/**
 * A reply that is a file: with a strong ETag, answering `If-None-Match` (304) and ranges (206,
 * 416).
 */
export interface FileReply {
  readonly file: readonly string[]
}

/** A reply of these media types. */
export const aFile = (...mediaTypes: string[]): FileReply => ({ file: mediaTypes })

/**
 * One call of the HTTP API: all that a server, a client and the generated reference need to know
 * about it.
 */
export interface RouteContract {
  method: HttpMethod
  /** Express-style path, such as `/v1/conversations/:conversationId`. */
  path: string
  summary: string
  auth: RouteAuth
  params?: z.ZodObject
  query?: z.ZodObject
  body?: z.ZodType
  /** In place of `body`, where a file is sent. */
  bytes?: BytesBody
  /** A protocol of its own (tus): the handler reads the request and writes the answer itself. */
  raw?: true
  /** Reply schema by status; `null` for an empty reply. */
  reply: Readonly<Partial<Record<200 | 201 | 202 | 204, z.ZodType | FileReply | null>>>
  /**
   * Codes beyond those every route shares (`validation_failed`, `unauthenticated`, `rate_limited`,
   * `internal`, `unavailable`).
   */
  errors: readonly ErrorCode[]
}

/**
 * Declares a route; the argument's exact types are kept, so that handlers and clients infer from
 * it. Signed-in people only, unless `auth` says otherwise.
 */
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
export type RouteBody<R extends RouteContract> = R['bytes'] extends BytesBody ? Uint8Array : Output<R['body']>

/** What a client sends, before defaults are filled in. */
export type RouteQueryInput<R extends RouteContract> = Input<R['query']>
export type RouteBodyInput<R extends RouteContract> = R['bytes'] extends BytesBody
  ? Uint8Array | Blob
  : Input<R['body']>

type ReplySchemas<R extends RouteContract> = R['reply'][keyof R['reply']]

/**
 * The body of any successful reply; `undefined` where the reply is empty. Files are `Blob`s to a
 * client.
 */
export type RouteReply<R extends RouteContract> =
  ReplySchemas<R> extends infer S
    ? S extends z.ZodType
      ? z.output<S>
      : S extends FileReply
        ? Blob
        : undefined
    : never

/** How many items a list call returns: 1–100, 50 when not said. */
export const Limit = z.coerce.number().int().min(1).max(100).default(50)

/** The query of every cursor-paged list. */
export const PageQuery = z.object({ limit: Limit, cursor: z.string().max(512).optional() })

/** A page of `item`; `nextCursor` is null at the end. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() })
