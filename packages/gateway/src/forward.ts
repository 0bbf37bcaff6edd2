import {
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as openRequest,
  type ServerResponse,
} from 'node:http'
import { buffer } from 'node:stream/consumers'
import { type ErrorCode, toProblem } from '@finnigram/contracts'
import { tokenVerifiedHeader } from '@finnigram/service-kit/gateway-exports'
import { type ForwardOptions, forwardedHeaders, withoutHopByHop } from './forwarded-headers.ts'
import { isGone, isSuspect, type PooledNode, type UpstreamPool } from './upstream-pool.ts'

/** Time without a byte after which an answer counts as lost, in milliseconds. */
const silenceMs = 120_000

/** Nothing, what still comes from the client, or all of what a service sent. */
type Body = undefined | IncomingMessage | Promise<Buffer>

/**
 * Forwards a request to a node of `pool` and its answer back, both as streams.
 *
 * - A node that refuses the connection is skipped, and the next one is tried.
 * - A request that may run twice (GET and HEAD without a body, calls between services) moves to
 *   another node when its node has been silent for a second, or closed a kept-alive connection.
 * - Any other request is sent once. 503 if no node takes it, or its node is silent for five
 *   seconds.
 * - An answer that breaks off breaks the client's connection, so that half of it is not taken for
 *   the whole.
 *
 * Never reads a body, except those between services, which are small and kept for a second try.
 */
export function forward(
  exchange: { request: IncomingMessage; response: ServerResponse },
  pool: UpstreamPool,
  options: ForwardOptions,
): void {
  const { request, response } = exchange
  const { requestId, isInternal = false, onAnswer } = options
  const headers = forwardedHeaders(request, options)
  // Node frames no body of a GET or DELETE by itself.
  if ('transfer-encoding' in request.headers) headers['transfer-encoding'] = 'chunked'
  const body = bodyOf(request, isInternal)
  const isRepeatable = isInternal || (body === undefined && isSafe(request.method))
  const tried = new Set<PooledNode>()
  const others = () => pool.candidates().filter((node) => !tried.has(node))
  let current: ClientRequest | undefined

  const tryNode = (node: PooledNode | undefined) => {
    if (!node) {
      pool.noteRefused()
      return sendProblem(response, 'unavailable', requestId)
    }
    tried.add(node)
    const onward = openTo(node, request, headers)
    current = onward
    watchSilence(onward, node, () => isRepeatable && !response.headersSent && others().some(isResponsive))
    onward.once('error', (error: NodeJS.ErrnoException) => {
      if (response.destroyed) return
      if (response.headersSent) return sendProblem(response, 'unavailable', requestId)
      if (error.code === 'ECONNREFUSED') {
        pool.markDown(node)
        return tryNode(others()[0])
      }
      if (error instanceof NodeSilent) return tryNode(error.canMove ? others()[0] : undefined)
      // A kept-alive connection may have been closed just before we used it.
      tryNode(isRepeatable && onward.reusedSocket ? node : undefined)
    })
    onward.once('response', (answer) => {
      onAnswer?.(answer)
      passBack(answer, response, requestId)
    })
    sendBody(onward, body)
  }
  response.once('close', () => current?.destroy())
  tryNode(others()[0])
}

/** Opens a request to a node and counts it there until it ends. */
function openTo(node: PooledNode, { method, url }: IncomingMessage, headers: OutgoingHttpHeaders) {
  const { host, port, agent } = node
  const onward = openRequest({ host, port, agent, method, path: url, headers })
  node.underWay += 1
  onward.once('close', () => {
    node.underWay -= 1
  })
  onward.setTimeout(silenceMs, () => onward.destroy(new Error('silent')))
  return onward
}

const isSafe = (method: string | undefined) => method === 'GET' || method === 'HEAD'
const isResponsive = (node: PooledNode) => !isSuspect(node)

function passBack(answer: IncomingMessage, response: ServerResponse, requestId: string) {
  const { [tokenVerifiedHeader]: _, ...headers } = withoutHopByHop(answer.headers)
  response.writeHead(answer.statusCode ?? 502, {
    ...headers,
    'x-request-id': requestId,
  })
  // `pipeline` would make an AbortController and its error for each answer, which costs more than
  // the rest of this.
  answer.once('error', () => response.destroy())
  answer.pipe(response)
}

/** Bodies between services are small and may be sent twice, so they are kept for another node. */
function bodyOf(request: IncomingMessage, isInternal: boolean): Body {
  const hasBody = 'transfer-encoding' in request.headers || request.headers['content-length'] !== undefined
  if (!hasBody) return undefined
  return isInternal ? buffer(request) : request
}

/**
 * A stream is piped only once a node has accepted the connection, so the next can still be tried.
 */
function sendBody(onward: ClientRequest, body: Body) {
  if (!body) onward.end()
  else if (body instanceof Promise) {
    body.then(
      (bytes) => onward.end(bytes),
      (error) => onward.destroy(error),
    )
  } else
    onward.once('socket', (socket) => {
      const send = () => body.pipe(onward)
      if (socket.connecting) socket.once('connect', send)
      else send()
    })
}

const silenceCheckMs = 500

/** Ends a request to a node that has fallen silent. */
class NodeSilent extends Error {
  /** Whether to try another node. */
  readonly canMove: boolean

  constructor(canMove: boolean) {
    super('The node fell silent')
    this.canMove = canMove
  }
}

/** Ends `onward` with `NodeSilent` once its node is gone, or suspect while `canMove`. */
function watchSilence(onward: ClientRequest, node: PooledNode, canMove: () => boolean): void {
  const timer = setInterval(() => {
    const leaves = isSuspect(node) && canMove()
    if (leaves || isGone(node)) onward.destroy(new NodeSilent(leaves))
  }, silenceCheckMs)
  onward.once('close', () => clearInterval(timer))
}

/** Time for the rest of a body whose request is answered, in milliseconds. */
const restMs = 10_000
/** Time in which most clients close after an error, so that the rest need not be read. */
const untilClosedMs = 500

/**
 * Reads and drops the rest of a body whose request is answered, for ten seconds; then closes the
 * connection. Left unread, it would hold up the next request of that connection.
 */
export function dropRest(request: IncomingMessage, response: ServerResponse, ms = restMs): void {
  response.once('close', () => {
    if (request.complete) return
    request.unpipe()
    if (response.statusCode < 400) request.resume()
    else setTimeout(() => request.resume(), Math.min(untilClosedMs, ms / 2)).unref()
    const timer = setTimeout(() => request.socket.destroy(), ms)
    timer.unref()
    request.once('close', () => clearTimeout(timer))
  })
}

/** Answers with problem+json. If an answer has already begun, closes the connection instead. */
export function sendProblem(
  response: ServerResponse,
  code: ErrorCode,
  requestId: string,
  retryAfterMs = 1_000,
): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const problem = toProblem(code, { requestId })
  const body = JSON.stringify(problem)
  response.writeHead(problem.status, {
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-request-id': requestId,
    ...(code === 'unavailable' || code === 'rate_limited'
      ? { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) }
      : {}),
  })
  response.end(body)
}
