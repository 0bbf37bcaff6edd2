import {
  type HttpServer,
  parkedRoutes,
  requireFitRedis,
  startHttp,
  type TokenVerifier,
} from '@finnigram/service-kit'
import type { RealtimeConfig } from './config.ts'
import type { RealtimeContext } from './context.ts'
import { drain } from './connect/drain.ts'
import { openBase } from './open-base.ts'
import { openContext } from './open-context.ts'
import { pushRoutes } from './push/push-routes.ts'
import { serveSockets } from './serve-sockets.ts'
import { startSweep } from './connect/sweep.ts'
import { requireInternals } from './wire/socket-internals.ts'

export interface RealtimeService extends AsyncDisposable {
  readonly url: string
  readonly ctx: RealtimeContext
}

/** Starts a realtime node. It waits for nothing: a socket becomes ready when what that takes is there. Disposing says goodbye to every client. */
export async function startRealtime(config: RealtimeConfig): Promise<RealtimeService> {
  await requireInternals()
  await using parts = new AsyncDisposableStack()
  const stopping = new AbortController()
  const base = openBase(config, parts)
  const opened = Promise.withResolvers<RealtimeContext>()
  const http: HttpServer = parts.use(
    await startHttp({
      ctx: { ...base, tokens: guardedOnce(opened.promise) },
      config,
      routes: [...pushRoutes(opened.promise.then(({ push }) => push)), ...parkedRoutes(() => base.parked)],
    }),
  )
  const ctx = openContext({ base, http, stopping: stopping.signal }, parts)
  opened.resolve(ctx)
  await serveSockets(ctx, parts)
  await requireFitRedis(base.redis)
  parts.use(startSweep(ctx))
  parts.defer(async () => {
    ctx.health.stopping()
    stopping.abort()
    await drain(ctx)
  })
  ctx.health.started()
  const kept = parts.move()
  return { url: http.url, ctx, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

/** Verifies as the context does, which needs the HTTP server first: tokens of sessions that ended are refused. */
const guardedOnce = (opened: Promise<RealtimeContext>): TokenVerifier => ({
  verify: async (token) => (await opened).tokens.verify(token),
  mostAheadMs: 0,
  [Symbol.dispose]() {},
})
