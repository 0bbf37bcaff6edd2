import { fleetingChannel, streamNames } from '@finnigram/contracts'
import { subscribeFleeting, tailStreams, within } from '@finnigram/service-kit'
import { createDispatch } from './answer/create-dispatch.ts'
import { createAccept } from './connect/accept.ts'
import { createHandshake } from './connect/handshake.ts'
import type { RealtimeContext } from './context.ts'
import { createDeliverEntries } from './deliver/deliver-entries.ts'
import { hearFleeting } from './deliver/hear-fleeting.ts'
import { createResyncAll } from './deliver/resync-all.ts'
import { startResyncWhileDeaf } from './deliver/resync-while-deaf.ts'

/** Without Redis, clients are let in all the same after this time. */
const patienceMs = 2000

/** Begins to listen to the streams and to pub/sub, and lets clients in. */
export async function serveSockets(ctx: RealtimeContext, parts: AsyncDisposableStack): Promise<void> {
  const { io, redis, log } = ctx
  const resyncAll = createResyncAll(ctx)
  const tail = parts.use(
    tailStreams({
      redis,
      log,
      streams: [...streamNames('messages'), ...streamNames('users')],
      onEntries: createDeliverEntries(ctx, resyncAll),
      onGap: resyncAll,
    }),
  )
  // Whoever became ready while Redis was away heard nothing until now.
  void tail.ready.then(() => {
    if (io.sockets.sockets.size > 0) resyncAll('This node begins to listen')
  })
  parts.use(startResyncWhileDeaf(ctx))
  parts.use(subscribeFleeting({ redis, log }, fleetingChannel, (message) => hearFleeting(ctx, message)))
  io.use(createHandshake(ctx))
  io.on('connection', createAccept(ctx, createDispatch(ctx)))
  await within(patienceMs, tail.ready)
}
