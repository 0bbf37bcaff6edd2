import type { IncomingMessage } from 'node:http'
import type { RequestHandler, Response } from 'express'
import { AppError } from '../errors/app-error.ts'
import { withRequestId } from '../logger/request-context.ts'
import { answerProblem } from './answer.ts'
import { boundLeftover } from './connection-bounds.ts'
import type { HttpContext } from './http-context.ts'
import { assignRequestId } from './request-id.ts'
import { abortRequest, limitTime, whenOver } from './request-signal.ts'

/** The longest a request may take from its headers to its answer: well within the time that devices wait. */
const requestTimeoutMs = 10_000

/** Puts the matched route's path on the response, for metrics: never the URL, which has no bound. */
export function nameRoute(response: Response, path: string): void {
  response.locals['route'] = path
}

/** A body that is still on its way is its sender's matter. */
const tooLong = ({ complete }: IncomingMessage) =>
  complete
    ? new AppError('unavailable', { detail: 'This took too long', retryAfter: 1 })
    : new AppError('request_timeout', { detail: `A body must arrive within ${requestTimeoutMs / 1000} s` })

/** First in line: the request id, the clock, the figures, and a 503 while the service is starting. */
export function beginRequest(ctx: HttpContext): RequestHandler {
  const seconds = ctx.metrics.histogram('http_request_duration_seconds', 'Time to answer a request', {
    labels: ['method', 'route', 'status'],
  })
  return (request, response, next) => {
    const requestId = assignRequestId(request, response)
    const startedAt = performance.now()
    limitTime(response, requestTimeoutMs, () => {
      abortRequest(response)
      answerProblem(response, tooLong(request))
    })
    response.setHeader('cache-control', 'no-store')
    whenOver(response, () => {
      boundLeftover(request)
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
