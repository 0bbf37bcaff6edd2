import { type HttpServer, startHttp } from '@finnigram/service-kit'
import type { RealtimeConfig } from './config.ts'
import type { RealtimeContext } from './context.ts'
import { drain } from './drain.ts'
import { openBase } from './open-base.ts'
import { openContext } from './open-context.ts'
import { serveSockets } from './serve-sockets.ts'
import { startSweep } from './sweep.ts'

export interface RealtimeService extends AsyncDisposable {
  readonly url: string
  readonly ctx: RealtimeContext
}

/** Starts a realtime node. It waits for nothing: a socket becomes ready when what that takes is there. Disposing says goodbye to every client. */
export async function startRealtime(config: RealtimeConfig): Promise<RealtimeService> {
  await using parts = new AsyncDisposableStack()
  const stopping = new AbortController()
  const base = openBase(config, parts)
  const http: HttpServer = parts.use(await startHttp({ ctx: base, config, routes: [] }))
  const ctx = openContext({ base, server: http.server, stopping: stopping.signal }, parts)
  await serveSockets(ctx, parts)
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
