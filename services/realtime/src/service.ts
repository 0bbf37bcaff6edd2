import { fleetingChannel } from '@finnigram/contracts'
import {
  type HttpServer,
  parkedRoutes,
  requireFitRedis,
  startHttp,
  subscribeFleeting,
  type TokenVerifier,
  tailStreams,
  within,
} from '@finnigram/service-kit'
import { createDispatch } from './client-events/dispatch.ts'
import type { RealtimeConfig } from './config.ts'
import { startSweep } from './connect/close-sockets.ts'
import { drain } from './connect/drain.ts'
import { createAccept, createHandshake } from './connect/handshake.ts'
import type { RealtimeContext } from './context.ts'
import { openBase, openContext } from './context.ts'
import { createFanOut, fanOutStreams, handleFleeting } from './fan-out/fan-out.ts'
import { createResync, startDegradedResync } from './fan-out/resync.ts'
import { pushRoutes } from './push/create-push.ts'

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

/** Without Redis, clients are let in all the same after this time. */
const patienceMs = 2000

/** Begins to listen to the streams and to pub/sub, and lets clients in. */
async function serveSockets(ctx: RealtimeContext, parts: AsyncDisposableStack): Promise<void> {
  const { io, redis, log } = ctx
  const resync = createResync(ctx)
  const deliverer = createFanOut(ctx, resync)
  ctx.parked.add(deliverer.parked)
  const tail = parts.use(
    tailStreams({
      redis,
      log,
      streams: fanOutStreams,
      onEntries: deliverer.deliver,
      onGap: resync.all,
    }),
  )
  // Whoever became ready while Redis was away heard nothing until now.
  void tail.ready.then(() => {
    if (io.sockets.sockets.size > 0) resync.all('This node begins to listen')
  })
  // It may lack what was published last, a removal among it.
  parts.use(redis.server.onReplaced(() => resync.all('Another Redis has taken over')))
  parts.use(startDegradedResync(ctx))
  parts.use(subscribeFleeting({ redis, log }, fleetingChannel, (message) => handleFleeting(ctx, message)))
  io.use(createHandshake(ctx))
  io.on('connection', createAccept(ctx, createDispatch(ctx)))
  await within(patienceMs, tail.ready)
}
