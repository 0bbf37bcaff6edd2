import { Router } from 'express'
import { createTokenBuckets } from '../limits/create-token-buckets.ts'
import { answer, answerJson } from './answer.ts'
import type { HttpContext } from './http-context.ts'

/** What operators and load balancers ask: is the process alive, can it serve, and its figures. */
export function operations({ health, metrics }: HttpContext): Router {
  const report = atMostPerSecond(() => health.report())
  const figures = atMostPerSecond(() => metrics.registry.metrics())
  const router = Router()
  router.get('/health/live', (_request, response) => answerJson(response, 200, '{"status":"live"}'))
  router.get('/health/ready', async (_request, response) => {
    const found = await report()
    const canServe = found.status === 'ready' || found.status === 'degraded'
    answerJson(response, canServe ? 200 : 503, JSON.stringify(found))
  })
  router.get('/metrics', async (_request, response) => {
    answer(response, 200, { type: metrics.registry.contentType, text: await figures() })
  })
  return router
}

/** These are made anew so many times a second; whoever asks more often gets the last ones. */
const perSecond = 20

/** Makes one answer for all who ask at the same time, and no more of them than `perSecond`. */
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
