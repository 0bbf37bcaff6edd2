import {
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as openRequest,
  type ServerResponse,
} from 'node:http'
import { buffer } from 'node:stream/consumers'
import { tokenVerifiedHeader } from '@finnigram/service-kit/edge'
import { type ForwardOptions, forwardedHeaders, withoutHopByHop } from './forwarded-headers.ts'
import { sendProblem } from './send-problem.ts'
import { isSuspect, type PooledNode, type UpstreamPool } from './upstream-pool.ts'
import { NodeSilent, watchSilence } from './watch-silence.ts'

/** Time without a byte after which an answer counts as lost. */
const silenceMs = 120_000

/** Nothing, what still comes from the client, or all of what a service sent. */
type Body = undefined | IncomingMessage | Promise<Buffer>

/**
 * Passes a request on to a node of `pool` and its answer back, both as streams; 503 when no node takes it, or when the one
 * that took it falls silent for five seconds. What may run twice leaves a node that is silent for a second for another.
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

  const ask = (node: PooledNode | undefined) => {
    if (!node) {
      pool.noteRefused()
      return sendProblem(response, 'unavailable', requestId)
    }
    tried.add(node)
    const onward = openTo(node, request, headers)
    current = onward
    watchSilence(onward, node, () => isRepeatable && !response.headersSent && others().some(isTalking))
    onward.once('error', (error: NodeJS.ErrnoException) => {
      if (response.destroyed) return
      if (response.headersSent) return sendProblem(response, 'unavailable', requestId)
      if (error.code === 'ECONNREFUSED') {
        pool.markDown(node)
        return ask(others()[0])
      }
      if (error instanceof NodeSilent) return ask(error.canMove ? others()[0] : undefined)
      // A kept-alive connection may have been closed just before we used it.
      ask(isRepeatable && onward.reusedSocket ? node : undefined)
    })
    onward.once('response', (answer) => {
      onAnswer?.(answer)
      passBack(answer, response, requestId)
    })
    sendBody(onward, body)
  }
  response.once('close', () => current?.destroy())
  ask(others()[0])
}

/** A request to a node, which counts among those under way there until it ends. */
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
const isTalking = (node: PooledNode) => !isSuspect(node)

function passBack(answer: IncomingMessage, response: ServerResponse, requestId: string) {
  const { [tokenVerifiedHeader]: _, ...headers } = withoutHopByHop(answer.headers)
  response.writeHead(answer.statusCode ?? 502, {
    ...headers,
    'x-request-id': requestId,
  })
  // `pipeline` would make an AbortController and its error for each answer, which costs more than the rest of this.
  answer.once('error', () => response.destroy())
  answer.pipe(response)
}

/** What services send each other is small and may run twice, so all of it is kept for another node. */
function bodyOf(request: IncomingMessage, isInternal: boolean): Body {
  const hasBody = 'transfer-encoding' in request.headers || request.headers['content-length'] !== undefined
  if (!hasBody) return undefined
  return isInternal ? buffer(request) : request
}

/** A stream is given out only once a node has taken the connection, so that the next node can still be tried. */
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
