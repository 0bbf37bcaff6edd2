import type { RouteContract } from '@finnigram/contracts'
import type { Request, RequestHandler, Response } from 'express'
import type { Actor } from '../auth/token-verifier.ts'
import { AppError } from '../errors.ts'
import { createInternalGuard } from '../internal/internal-client.ts'
import { createSlotPool } from '../limits/slot-pool.ts'
import { addressKey } from '../net/address-key.ts'
import { answer, answerFile, answerJson, requestIdOf } from './answer.ts'
import { tokenVerifiedHeader } from './connection-bounds.ts'
import { readBytes, readJson } from './read-body.ts'
import { FileBody, JsonText } from './reply.ts'
import { onResponseClosed, requestSignal, withoutTimeLimit } from './request-signal.ts'
import type { HttpConfig, HttpContext, HttpRequest, Route } from './route.ts'
import type { UserBulkhead } from './user-bulkhead.ts'
import { type RequestParts, validate } from './validate.ts'

/** Bodies of some megabytes in memory at once, from their first byte to their answer. */
const bodySlots = { atOnce: 24, mostOfOne: 4 }

type Served = HttpRequest<RouteContract>

/**
 * One route as Express serves it: rate limit by address → authenticate → rate limit by user → read
 * → validate → rate limit by content → use case → answer.
 */
export function serveRoute(
  ctx: HttpContext,
  config: HttpConfig,
  { contract, limits, handler, isFair }: Route,
  bulkhead: UserBulkhead,
): RequestHandler {
  const identify = createIdentifier(ctx, config, contract)
  const byAddress = limits.filter(({ by }) => by === 'ip')
  const byActor = limits.filter(({ by }) => by === 'actor')
  const byContent = limits.flatMap((limit) =>
    typeof limit.by === 'function' ? { limit, keyOf: limit.by } : [],
  )
  const bodies =
    contract.bytes && createSlotPool({ ...bodySlots, measured: { name: 'bodies', metrics: ctx.metrics } })
  const needsQuery = contract.query !== undefined
  const reply = createReply(contract, config)
  const run = isFair ? bulkhead.runUnqueued : contract.bytes || contract.raw ? runAtOnce : bulkhead.run

  return async (request, response) => {
    for (const limit of byAddress) await ctx.limits.consume(limit, addressKey(request.ip ?? ''))
    const actor = await identify(request)
    if (actor) response.setHeader(tokenVerifiedHeader, '1')
    for (const limit of byActor)
      await ctx.limits.consume(limit, actor?.userId ?? addressKey(request.ip ?? ''))
    const parts = validate(contract, {
      params: request.params,
      query: needsQuery ? readQuery(request) : undefined,
      body: contract.body ? await readJson(request) : undefined,
    })
    if (contract.bytes && bodies) {
      // A client that is gone will not be announced again.
      if (response.destroyed) return
      const slot = bodies.take(actor?.userId ?? addressKey(request.ip ?? ''), () => request.destroy())
      onResponseClosed(response, () => slot[Symbol.dispose]())
      parts.body = await readBytes(request, contract.bytes)
    }
    if (contract.raw) withoutTimeLimit(response)
    const served = toServed(request, response, { parts, actor })
    for (const { limit, keyOf } of byContent) await ctx.limits.consume(limit, keyOf(served))
    const answered = await run({ actor, response }, async () => {
      const result: unknown = await handler(served, { request, response })
      if (contract.raw) return 0
      return result instanceof FileBody ? result : reply(response, result)
    })
    // A file takes as long as its reader, so it holds no permit.
    if (answered instanceof FileBody) await answerFile(request, response, answered)
  }
}

/** For work whose bytes are bounded elsewhere. */
const runAtOnce: UserBulkhead['run'] = async (_caller, work) => work()

/** Answers with what a handler returned, and returns the bytes of the answer. */
function createReply(contract: RouteContract, { CHECK_REPLIES: check }: HttpConfig) {
  const statuses = Object.keys(contract.reply).map(Number)
  const onlyStatus = statuses.length === 1 ? statuses[0] : undefined
  return (response: Response, result: unknown): number => {
    const { status, body } = onlyStatus === undefined ? asReply(result) : { status: onlyStatus, body: result }
    const text = toReplyText(contract, status, { body, check })
    return text === undefined ? answer(response, status) : answerJson(response, status, text)
  }
}

function createIdentifier(ctx: HttpContext, config: HttpConfig, { auth, path }: RouteContract) {
  const { tokens } = ctx
  if (auth === 'none') return async () => undefined
  if (auth === 'internal') {
    if (!config.INTERNAL_TOKEN) throw new Error(`${path} is internal, but there is no INTERNAL_TOKEN`)
    const guard = createInternalGuard(config.INTERNAL_TOKEN)
    return async (request: Request) => {
      guard(request.headers['x-internal-token'])
      return undefined
    }
  }
  if (!tokens) throw new Error(`${path} needs a signed-in caller, but there is no token verifier`)
  return async ({ headers }: Request): Promise<Actor> => {
    const token = /^Bearer +([\w.-]+)$/i.exec(headers.authorization ?? '')?.[1]
    if (!token) throw new AppError('unauthenticated')
    return tokens.verify(token)
  }
}

function toServed(
  request: Request,
  response: Response,
  { parts, actor }: { parts: RequestParts; actor: Actor | undefined },
): Served {
  const served = {
    ...parts,
    actor,
    requestId: requestIdOf(response),
    headers: request.headers,
    get ip() {
      return request.ip ?? ''
    },
    get signal() {
      return requestSignal(response)
    },
    setHeader: (name: string, value: string) => void response.setHeader(name, value),
  }
  return served as Served
}

/** A name that is given twice becomes an array, which a schema for one value refuses. */
function readQuery({ url }: Request): Record<string, string | string[]> {
  const start = url.indexOf('?')
  if (start < 0) return {}
  const search = new URLSearchParams(url.slice(start))
  const query: Record<string, string | string[]> = Object.create(null)
  for (const name of new Set(search.keys())) {
    const [first = '', ...more] = search.getAll(name)
    query[name] = more.length > 0 ? [first, ...more] : first
  }
  return query
}

function asReply(result: unknown): { status: number; body: unknown } {
  if (
    typeof result === 'object' &&
    result !== null &&
    'status' in result &&
    typeof result.status === 'number'
  ) {
    return { status: result.status, body: 'body' in result ? result.body : undefined }
  }
  throw new Error('A handler of a route with several replies must return { status, body }')
}

/**
 * The JSON of a reply; `undefined` for an empty one. With `check`, throws when the body is not what
 * the contract says.
 */
function toReplyText(
  { reply, method, path }: RouteContract,
  status: number,
  { body, check }: { body: unknown; check: boolean },
): string | undefined {
  const schema = Object.entries(reply).find(([known]) => Number(known) === status)?.[1]
  if (schema === undefined) throw new Error(`${method} ${path} does not know the reply ${status}`)
  if (schema === null) return undefined
  if ('file' in schema) throw new Error(`${method} ${path} answers a file`)
  const text = body instanceof JsonText ? body.text : JSON.stringify(body)
  if (check) {
    const result = schema.safeParse(JSON.parse(text))
    if (!result.success) {
      throw new Error(`The reply ${status} of ${method} ${path} is not what its contract says`, {
        cause: result.error,
      })
    }
  }
  return text
}
