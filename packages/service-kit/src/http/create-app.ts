import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { createTokenBuckets } from '@finnigram/admission'
import express, {
  type ErrorRequestHandler,
  type Express,
  type RequestHandler,
  type Response,
  Router,
} from 'express'
import helmet from 'helmet'
import { AppError, toAppError } from '../errors.ts'
import { withRequestId } from '../logger/request-context.ts'
import { answer, answerJson, answerProblem, assignRequestId } from './answer.ts'
import { boundRestOfBody } from './connection-bounds.ts'
import { abortRequest, limitTime, onResponseClosed } from './request-signal.ts'
import type { HttpConfig, HttpContext, Route } from './route.ts'
import { serveRoute } from './serve-route.ts'
import { createUserBulkhead } from './user-bulkhead.ts'

/**
 * The Express application of a service: request id, deadline and security headers; health and
 * metrics; the routes; `not_found` for any other path; problem details for every error.
 */
export function createApp(ctx: HttpContext, config: HttpConfig, routes: readonly Route[]): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', false)
  app.set('trust proxy', config.TRUST_PROXY)
  app.use(beginRequest(ctx))
  app.use(securityHeaders())
  app.use(operations(ctx))
  app.use((_request, _response, next) => {
    if (!ctx.health.isServing)
      throw new AppError('unavailable', { detail: 'The service is starting or stopping', retryAfter: 1 })
    next()
  })
  const bulkhead = createUserBulkhead({ metrics: ctx.metrics, scale: config.RATE_LIMIT_SCALE })
  for (const row of routes) {
    const { method, path } = row.contract
    const serve = serveRoute(ctx, config, row, bulkhead)
    const verb = method.toLowerCase() as 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete' | 'options'
    app[verb](path, (request, response, next) => {
      nameRoute(response, path)
      return serve(request, response, next)
    })
  }
  app.use(() => {
    throw new AppError('not_found')
  })
  app.use(mapErrors(ctx))
  return app
}

/** Longest time from a request's headers to its answer: well below the timeout of devices. */
const requestTimeoutMs = 10_000

/** Notes the route's path for metrics. The URL would make labels without bound. */
function nameRoute(response: Response, path: string): void {
  response.locals['route'] = path
}

/** While the body is still on its way, the client is what is slow. */
const timeoutError = ({ complete }: IncomingMessage) =>
  complete
    ? new AppError('unavailable', { detail: 'This took too long', retryAfter: 1 })
    : new AppError('request_timeout', { detail: `A body must arrive within ${requestTimeoutMs / 1000} s` })

/** The first middleware: request id, deadline, metrics and the request log. */
function beginRequest(ctx: HttpContext): RequestHandler {
  const seconds = ctx.metrics.histogram('http_request_duration_seconds', 'Time to answer a request', {
    labels: ['method', 'route', 'status'],
  })
  return (request, response, next) => {
    const requestId = assignRequestId(request, response)
    const startedAt = performance.now()
    limitTime(response, requestTimeoutMs, () => {
      abortRequest(response)
      answerProblem(response, timeoutError(request))
    })
    response.setHeader('cache-control', 'no-store')
    onResponseClosed(response, () => {
      boundRestOfBody(request)
      const ms = performance.now() - startedAt
      const { statusCode: status } = response
      const route = String(response.locals['route'] ?? 'none')
      seconds.labels(request.method, route, String(status)).observe(ms / 1000)
      const level = status >= 500 ? 'info' : 'debug'
      if (ctx.log.isLevelEnabled(level)) {
        ctx.log.log(level, 'Request', {
          method: request.method,
          route,
          status,
          ms: Math.round(ms * 10) / 10,
          requestId,
        })
      }
    })
    withRequestId(requestId, next)
  }
}

function mapErrors({ log }: HttpContext): ErrorRequestHandler {
  const warnOfOutage = throttled((error, times) => log.warn('Requests could not be served', { error, times }))
  return (error, _request, response, _next) => {
    const mapped = toAppError(error)
    if (mapped.code === 'internal') log.error('A request failed', { error: mapped.cause ?? mapped })
    else if (mapped.code === 'unavailable' && mapped.cause !== undefined) warnOfOutage(mapped.cause)
    if (response.headersSent) response.destroy()
    else answerProblem(response, mapped)
  }
}

/** An outage fails every request alike, so its cause is logged every five seconds, with a count. */
function throttled(report: (error: unknown, times: number) => void): (error: unknown) => void {
  let reportedAt = Number.NEGATIVE_INFINITY
  let times = 0
  return (error) => {
    times += 1
    if (performance.now() - reportedAt < 5000) return
    reportedAt = performance.now()
    report(error, times)
    times = 0
  }
}

/** An API serves no pages: nothing may be loaded, framed or sniffed. HSTS is the gateway's. */
const protect = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  },
  strictTransportSecurity: false,
})

/** Sets Helmet's headers. They never change, so they are computed once: that halves their cost. */
function securityHeaders(): RequestHandler {
  const example = new ServerResponse(new IncomingMessage(new Socket()))
  protect(example.req, example, () => {})
  const headers = Object.entries(example.getHeaders()).map(([name, value]) => [name, String(value)] as const)
  return (_request, response, next) => {
    for (const [name, value] of headers) response.setHeader(name, value)
    next()
  }
}

/** For operators and load balancers: liveness, readiness, metrics. */
function operations({ health, metrics }: HttpContext): Router {
  const report = atMostPerSecond(() => health.report())
  const exposition = atMostPerSecond(() => metrics.registry.metrics())
  const router = Router()
  router.get('/health/live', (_request, response) => answerJson(response, 200, '{"status":"live"}'))
  router.get('/health/ready', async (_request, response) => {
    const found = await report()
    const canServe = found.status === 'ready' || found.status === 'degraded'
    answerJson(response, canServe ? 200 : 503, JSON.stringify(found))
  })
  router.get('/metrics', async (_request, response) => {
    answer(response, 200, { type: metrics.registry.contentType, text: await exposition() })
  })
  return router
}

/** How often each is computed a second. More requests get the last result. */
const perSecond = 20

/** Concurrent callers share one result, and at most `perSecond` are computed. */
function atMostPerSecond<T>(make: () => Promise<T>): () => Promise<T> {
  const bucket = createTokenBuckets({ burst: perSecond, perSecond })
  let last: Promise<T> | undefined
  let isMaking = false
  return () => {
    if (last && (isMaking || bucket.take('') !== null)) return last
    isMaking = true
    last = make().finally(() => {
      isMaking = false
    })
    return last
  }
}
