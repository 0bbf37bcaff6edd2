import { fleetingChannel } from '@finnigram/contracts'
import { subscribeFleeting, tailStreams, within } from '@finnigram/service-kit'
import { createDispatch } from './client-events/dispatch.ts'
import { createAccept } from './connect/accept.ts'
import { createHandshake } from './connect/handshake.ts'
import type { RealtimeContext } from './context.ts'
import { createDeliverer, deliveredStreams } from './fan-out/fan-out.ts'
import { hearFleeting } from './fan-out/hear-fleeting.ts'
import { createResync } from './fan-out/resync.ts'
import { startResyncWhileDeaf } from './fan-out/resync-while-deaf.ts'

/** Without Redis, clients are let in all the same after this time. */
const patienceMs = 2000

/** Begins to listen to the streams and to pub/sub, and lets clients in. */
export async function serveSockets(ctx: RealtimeContext, parts: AsyncDisposableStack): Promise<void> {
  const { io, redis, log } = ctx
  const resync = createResync(ctx)
  const deliverer = createDeliverer(ctx, resync)
  ctx.parked.add(deliverer.parked)
  const tail = parts.use(
    tailStreams({
      redis,
      log,
      streams: deliveredStreams,
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
  parts.use(startResyncWhileDeaf(ctx))
  parts.use(subscribeFleeting({ redis, log }, fleetingChannel, (message) => hearFleeting(ctx, message)))
  io.use(createHandshake(ctx))
  io.on('connection', createAccept(ctx, createDispatch(ctx)))
  await within(patienceMs, tail.ready)
}
