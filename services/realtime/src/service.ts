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
import { openBase, openContext, type RealtimeContext } from './context.ts'
import { createFanOut, fanOutStreams, handleFleeting } from './fan-out/fan-out.ts'
import { createResync, startDegradedResync } from './fan-out/resync.ts'
import { pushRoutes } from './push/create-push.ts'
import { requireInternals } from './wire/socket-internals.ts'

export interface RealtimeService extends AsyncDisposable {
  readonly url: string
  readonly ctx: RealtimeContext
}

/**
 * Starts a realtime node, whatever else is down: sockets become ready when their memberships can be
 * loaded. Disposing drains it.
 */
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

/** Verifies with the guard of the context, which is opened after the HTTP server. */
const guardedOnce = (opened: Promise<RealtimeContext>): TokenVerifier => ({
  verify: async (token) => (await opened).tokens.verify(token),
  mostAheadMs: 0,
  [Symbol.dispose]() {},
})

/** Without Redis, clients are admitted all the same after this time, in milliseconds. */
const patienceMs = 2000

/** Starts the readers of streams and pub/sub, then accepts connections. */
async function serveSockets(ctx: RealtimeContext, parts: AsyncDisposableStack): Promise<void> {
  const { io, redis, log } = ctx
  const resync = createResync(ctx)
  const fanOut = createFanOut(ctx, resync)
  ctx.parked.add(fanOut.parked)
  const tail = parts.use(
    tailStreams({
      redis,
      log,
      streams: fanOutStreams,
      onEntries: fanOut.deliver,
      onGap: resync.all,
    }),
  )
  // Sockets that became ready while Redis was down have missed events.
  void tail.ready.then(() => {
    if (io.sockets.sockets.size > 0) resync.all('This node begins to listen')
  })
  // It may lack the last events, a removal among them.
  parts.use(redis.server.onReplaced(() => resync.all('Another Redis has taken over')))
  parts.use(startDegradedResync(ctx))
  parts.use(subscribeFleeting({ redis, log }, fleetingChannel, (message) => handleFleeting(ctx, message)))
  io.use(createHandshake(ctx))
  io.on('connection', createAccept(ctx, createDispatch(ctx)))
  await within(patienceMs, tail.ready)
}
