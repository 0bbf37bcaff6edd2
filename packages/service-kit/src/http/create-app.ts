import express, { type ErrorRequestHandler, type Express } from 'express'
import { AppError } from '../errors/app-error.ts'
import { answerProblem } from './answer.ts'
import { beginRequest, nameRoute } from './begin-request.ts'
import type { HttpConfig, HttpContext } from './http-context.ts'
import { operations } from './operations.ts'
import type { Route } from './route.ts'
import { securityHeaders } from './security-headers.ts'
import { serveRoute } from './serve-route.ts'
import { toAppError } from './to-app-error.ts'
import { createPersonTurns } from './user-bulkhead.ts'

/** The Express application of a service: operations first, then its routes, and problem details for everything else. */
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
  const turns = createPersonTurns({ metrics: ctx.metrics, scale: config.RATE_LIMIT_SCALE })
  for (const row of routes) {
    const { method, path } = row.contract
    const serve = serveRoute(ctx, config, row, turns)
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

function mapErrors({ log }: HttpContext): ErrorRequestHandler {
  const warnOfOutage = sometimes((error, times) => log.warn('Requests could not be served', { error, times }))
  return (error, _request, response, _next) => {
    const mapped = toAppError(error)
    if (mapped.code === 'internal') log.error('A request failed', { error: mapped.cause ?? mapped })
    else if (mapped.code === 'unavailable' && mapped.cause !== undefined) warnOfOutage(mapped.cause)
    if (response.headersSent) response.destroy()
    else answerProblem(response, mapped)
  }
}

/** An outage fails every request alike: its cause is told at most every five seconds, with how often it struck since. */
function sometimes(tell: (error: unknown, times: number) => void): (error: unknown) => void {
  let toldAt = Number.NEGATIVE_INFINITY
  let times = 0
  return (error) => {
    times += 1
    if (performance.now() - toldAt < 5000) return
    toldAt = performance.now()
    tell(error, times)
    times = 0
  }
}
