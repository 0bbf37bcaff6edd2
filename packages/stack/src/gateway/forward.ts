import {
  type ClientRequest,
  type IncomingMessage,
  request as openRequest,
  type ServerResponse,
} from 'node:http'
import { pipeline } from 'node:stream'
import { dropRest } from './drop-rest.ts'
import { type ForwardOptions, forwardedHeaders, withoutHopByHop } from './forwarded-headers.ts'
import { sendProblem } from './send-problem.ts'
import type { UpstreamPool } from './upstream-pool.ts'

/** Silence after which a service counts as gone. */
const silenceMs = 120_000

/** Passes a request on to a node of `pool` and its answer back, both as streams; 503 when no node takes it. */
export function forward(
  exchange: { request: IncomingMessage; response: ServerResponse },
  pool: UpstreamPool,
  options: ForwardOptions,
): void {
  const { request, response } = exchange
  const { requestId } = options
  const nodes = pool.candidates()
  const headers = forwardedHeaders(request, options)
  const isChunked = 'transfer-encoding' in request.headers
  const hasBody = isChunked || request.headers['content-length'] !== undefined
  // Node frames no body of a GET or DELETE by itself.
  if (isChunked) headers['transfer-encoding'] = 'chunked'

  const tryNext = () => {
    const node = nodes.shift()
    if (!node) return sendProblem(response, 'unavailable', requestId)
    const { host, port, agent } = node
    const onward = openRequest({ host, port, agent, method: request.method, path: request.url, headers })
    onward.setTimeout(silenceMs, () => onward.destroy(new Error('silent')))
    response.once('close', () => onward.destroy())
    onward.once('error', (error: NodeJS.ErrnoException) => {
      if (response.destroyed) return
      const isUnsent = error.code === 'ECONNREFUSED'
      if (isUnsent) pool.markDown(node)
      // A kept-alive connection may have been closed just before we used it; what has no body can be asked again.
      const isStale = onward.reusedSocket && !hasBody && isRepeatable(request.method)
      if (!response.headersSent && (isUnsent || isStale)) {
        if (isStale) nodes.unshift(node)
        return tryNext()
      }
      sendProblem(response, 'unavailable', requestId)
    })
    onward.once('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, {
        ...withoutHopByHop(answer.headers),
        'x-request-id': requestId,
      })
      pipeline(answer, response, () => {})
    })
    sendBody(request, onward, hasBody)
  }
  dropRest(request, response)
  tryNext()
}

const isRepeatable = (method: string | undefined) => method === 'GET' || method === 'HEAD'

/** The body is given out only once a node has taken the connection, so that the next node can still be tried. */
function sendBody(request: IncomingMessage, onward: ClientRequest, hasBody: boolean) {
  if (!hasBody) {
    onward.end()
    return
  }
  onward.once('socket', (socket) => {
    const send = () => request.pipe(onward)
    if (socket.connecting) socket.once('connect', send)
    else send()
  })
}
