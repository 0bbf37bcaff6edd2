import type { HttpServer } from '@finnigram/service-kit'
import { createBatchMarkers } from './client-events/marker-batcher.ts'
import { createBatchSends } from './client-events/send-batcher.ts'
import { createAdmission } from './connect/admission.ts'
import { createCrowd } from './connect/reconnect-window.ts'
import { createLoadMemberships } from './connect/load-memberships.ts'
import { openGuard } from './connect/open-guard.ts'
import { createStrangers } from './connect/address-admission.ts'
import type { RealtimeServer } from './connection.ts'
import type { RealtimeContext } from './context.ts'
import { createIo } from './connect/socket-server.ts'
import { createMarkerCollector } from './fan-out/markers.ts'
import { createTypingCollector } from './fan-out/typing.ts'
import { createJoinFloors } from './fan-out/join-floors.ts'
import { createFigures } from './metrics.ts'
import type { RealtimeBase } from './open-base.ts'
import { createPresence } from './presence/presence.ts'
import { createPush } from './push/create-push.ts'
import { conversationOf } from './wire/rooms.ts'

/** Puts sockets on the HTTP server and together what works with them. */
export function openContext(
  { base, http, stopping }: { base: RealtimeBase; http: HttpServer; stopping: AbortSignal },
  parts: AsyncDisposableStack,
): RealtimeContext {
  const { log, messages } = base
  const { server, addressOf } = http
  const { config } = base
  const admission = createAdmission({
    perSecond: config.CONNECTIONS_PER_SECOND,
    atOnce: config.CONNECTIONS_AT_ONCE,
    mostUnderWay: config.CONNECTIONS_UNDER_WAY,
  })
  const figures = createFigures(base.metrics, {
    sockets: () => io.sockets.sockets.size,
    joining: () => admission.underWay,
  })
  const strangers = createStrangers({
    addressOf,
    scale: config.RATE_LIMIT_SCALE,
    atOnce: config.CONNECTIONS_AT_ONCE,
    // Who has no token, or comes too often, took nobody's place.
    onRefused: () => admission.giveBack(),
  })
  const io = createIo(server, base, { admission, strangers, figures })
  const floors = openFloors(io)
  const guard = parts.use(openGuard(base, { io, figures }))
  return {
    ...base,
    io,
    figures,
    admission,
    strangers,
    crowd: parts.use(createCrowd({ io, perSecond: config.CONNECTIONS_PER_SECOND })),
    stopping,
    loadMemberships: createLoadMemberships({ messages, log }),
    send: createBatchSends(messages),
    moveMarker: createBatchMarkers(messages),
    floors,
    guard,
    tokens: guard.guarding(base.tokens),
    markers: parts.use(createMarkerCollector({ io, figures })),
    typing: parts.use(createTypingCollector({ io, figures })),
    push: createPush(base, parts),
    presence: parts.use(createPresence({ ...base, io, figures, stopping })),
    profiles: new Map(),
    gaps: { count: 0 },
  }
}

/** A conversation of which nobody is here any more needs no floors. */
function openFloors(io: RealtimeServer) {
  const floors = createJoinFloors()
  io.sockets.adapter.on('delete-room', (room: string) => {
    const conversationId = conversationOf(room)
    if (conversationId) floors.drop(conversationId)
  })
  return floors
}
