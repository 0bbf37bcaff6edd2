import { Router } from 'express'
import { answer, answerJson } from './answer.ts'
import type { HttpContext } from './http-context.ts'

/** What operators and load balancers ask: is the process alive, can it serve, and its figures. */
export function operations({ health, metrics }: HttpContext): Router {
  const router = Router()
  router.get('/health/live', (_request, response) => answerJson(response, 200, '{"status":"live"}'))
  router.get('/health/ready', async (_request, response) => {
    const report = await health.report()
    const canServe = report.status === 'ready' || report.status === 'degraded'
    answerJson(response, canServe ? 200 : 503, JSON.stringify(report))
  })
  router.get('/metrics', async (_request, response) => {
    answer(response, 200, { type: metrics.registry.contentType, text: await metrics.registry.metrics() })
  })
  return router
}
