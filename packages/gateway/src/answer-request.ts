import type { IncomingMessage, ServerResponse } from 'node:http'
import { tokenVerifiedHeader } from '@finnigram/service-kit/gateway-exports'
import type { Bounds, UploadThrottle } from './bounds.ts'
import { dropRest, forward, sendProblem } from './forward.ts'
import { clientAddress, requestIdOf } from './forwarded-headers.ts'
import type { GatewayMetrics } from './metrics.ts'
import { routeRequest } from './route-request.ts'
import type { Serve } from './serve-app.ts'
import type { DocumentName } from './serve-documents.ts'
import type { UpstreamPool } from './upstream-pool.ts'

/** The nodes of each service. */
export interface Backend {
  users: UpstreamPool
  messages: UpstreamPool
  realtime: UpstreamPool
}

/** What answering a request needs of the gateway. */
export interface RequestDeps {
  trustProxy: boolean
  /** Undefined until the services are connected. */
  backend: Backend | undefined
  bounds: Bounds
  uploadThrottle: UploadThrottle
  metrics: Pick<GatewayMetrics, 'refused'>
  documents: Record<DocumentName, Serve>
  health: (response: ServerResponse) => void
  app: Serve
  detectUntrustedProxy: (request: IncomingMessage) => void
}

/** Answers a request by itself, or passes it on to the service that owns its path. */
export function answerRequest(deps: RequestDeps, request: IncomingMessage, response: ServerResponse) {
  const requestId = requestIdOf(request)
  const address = clientAddress(request, deps.trustProxy)
  if (!deps.trustProxy) deps.detectUntrustedProxy(request)
  dropRest(request, response)
  const waitMs = deps.bounds.checkRequest(address, request.headers.authorization)
  if (waitMs !== null) return sendProblem(response, 'rate_limited', requestId, waitMs)
  const destination = routeRequest(request.url ?? '/')
  switch (destination) {
    case 'openapi':
    case 'asyncapi':
    case 'docs':
      return deps.documents[destination](request, response)
    case 'problem':
      return redirectToProblem(request, response)
    case 'app':
      return deps.app(request, response)
    case 'health':
      return deps.health(response)
    case 'not_found':
      return sendProblem(response, 'not_found', requestId)
    default:
      return callService(deps, { request, response, requestId, address }, destination)
  }
}

interface Call {
  request: IncomingMessage
  response: ServerResponse
  requestId: string
  address: string
}

/** Forwards a call to its service, once other calls of the same address leave it a place. */
function callService(deps: RequestDeps, call: Call, service: keyof Backend) {
  const { backend, bounds, uploadThrottle, metrics, trustProxy } = deps
  const { request, response, requestId, address } = call
  if (!backend) return sendProblem(response, 'unavailable', requestId)
  const waitMs = uploadThrottle.retryAfterMs(request)
  if (waitMs !== null) {
    metrics.refused.inc({ bound: 'chunks of uploads' })
    return sendProblem(response, 'rate_limited', requestId, waitMs)
  }
  const hasPlace = bounds.startCall(address, (done) => {
    if (response.destroyed) return done()
    let isVerified = false
    response.once('close', () => {
      done()
      const { statusCode: status, headersSent } = response
      if (!headersSent) return
      bounds.recordAnswer(address, request.headers.authorization, { status, isVerified })
      uploadThrottle.record(request, response)
    })
    const onAnswer = ({ headers }: IncomingMessage) => {
      isVerified = headers[tokenVerifiedHeader] !== undefined
    }
    forward({ request, response }, backend[service], { requestId, trustProxy, onAnswer })
  })
  if (!hasPlace) sendProblem(response, 'rate_limited', requestId)
}

function redirectToProblem({ url = '' }: IncomingMessage, response: ServerResponse) {
  const code = url.split('/').at(-1)?.replace(/\W/g, '') ?? ''
  response.writeHead(302, { location: `/v1/docs#problem-${code}` }).end()
}
