import { fleetingChannel, streamNames } from '@finnigram/contracts'
import { subscribeFleeting, tailStreams } from '@finnigram/service-kit'
import { createDispatch } from './answer/create-dispatch.ts'
import { createAccept } from './connect/accept.ts'
import { createHandshake } from './connect/handshake.ts'
import type { RealtimeContext } from './context.ts'
import { createDeliverEntries } from './deliver/deliver-entries.ts'
import { hearFleeting } from './deliver/hear-fleeting.ts'
import { createResyncAll } from './deliver/resync-all.ts'

/** Lets clients in, and begins to tell them what the streams and pub/sub bring. */
export function serveSockets(ctx: RealtimeContext, parts: AsyncDisposableStack): void {
  const { io, redis, log } = ctx
  const resyncAll = createResyncAll(ctx)
  const tail = parts.use(
    tailStreams({
      redis,
      log,
      streams: [...streamNames('messages'), ...streamNames('users')],
      onEntries: createDeliverEntries(ctx),
      onGap: resyncAll,
    }),
  )
  // Whoever became ready while Redis was away heard nothing until now.
  void tail.ready.then(() => {
    if (io.sockets.sockets.size > 0) resyncAll('This node begins to listen')
  })
  parts.use(subscribeFleeting({ redis, log }, fleetingChannel, (message) => hearFleeting(ctx, message)))
  io.use(createHandshake(ctx))
  io.on('connection', createAccept(ctx, createDispatch(ctx)))
}
