import type { PublicUser } from '@finnigram/contracts'
import type {
  Dependency,
  HttpContext,
  HttpServer,
  InternalClient,
  Parked,
  RedisLink,
  SessionGuard,
  TokenVerifier,
} from '@finnigram/service-kit'
import {
  createHealth,
  createInternalClient,
  createLogger,
  createMetrics,
  createParked,
  createRateLimiter,
  createTokenVerifier,
  openRedis,
  redisDependency,
} from '@finnigram/service-kit'
import type { EnqueueMarker } from './client-events/marker-batcher.ts'
import { createMarkerBatcher } from './client-events/marker-batcher.ts'
import type { EnqueueSend } from './client-events/send-batcher.ts'
import { createSendBatcher } from './client-events/send-batcher.ts'
import type { RealtimeConfig } from './config.ts'
import type { AddressAdmission } from './connect/address-admission.ts'
import { createAddressAdmission } from './connect/address-admission.ts'
import type { Admission } from './connect/admission.ts'
import { createAdmission } from './connect/admission.ts'
import { openGuard } from './connect/close-sockets.ts'
import type { LoadMemberships } from './connect/memberships.ts'
import { createLoadMemberships } from './connect/memberships.ts'
import type { ReconnectWindow } from './connect/reconnect-window.ts'
import { createReconnectWindow } from './connect/reconnect-window.ts'
import { createSocketServer } from './connect/socket-server.ts'
import type { RealtimeServer } from './connection.ts'
import type { MarkerCollector } from './fan-out/markers.ts'
import { createMarkerCollector } from './fan-out/markers.ts'
import type { JoinFloors } from './fan-out/outbound.ts'
import { createJoinFloors } from './fan-out/outbound.ts'
import type { TypingCollector } from './fan-out/typing.ts'
import { createTypingCollector } from './fan-out/typing.ts'
import type { RealtimeMetrics } from './metrics.ts'
import { createRealtimeMetrics } from './metrics.ts'

import type { Presence } from './presence/presence.ts'
import { createPresence } from './presence/presence.ts'
import type { PushContext } from './push/create-push.ts'
import { createPush } from './push/create-push.ts'
import { conversationOf } from './wire/rooms.ts'

/** What everything in this service works with. */
export interface RealtimeContext extends HttpContext {
  readonly config: RealtimeConfig
  readonly redis: RedisLink
  readonly tokens: TokenVerifier
  readonly users: InternalClient
  /** What kept failing and was set aside. */
  readonly parked: Parked
  readonly io: RealtimeServer
  readonly realtimeMetrics: RealtimeMetrics
  readonly admission: Admission
  readonly addressAdmission: AddressAdmission
  readonly reconnectWindow: ReconnectWindow
  /** Aborts when the service begins to stop. */
  readonly stopping: AbortSignal
  readonly loadMemberships: LoadMemberships
  readonly enqueueSend: EnqueueSend
  readonly enqueueMarker: EnqueueMarker
  readonly floors: JoinFloors
  readonly guard: SessionGuard
  readonly markers: MarkerCollector
  readonly typing: TypingCollector
  readonly presence: Presence
  readonly push: PushContext
  /** The newest profile of each person of whom others are being told at this moment. */
  readonly profiles: Map<string, PublicUser>
  /** How often this node may have missed something of the streams. */
  readonly gaps: { count: number }
}

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
  const realtimeMetrics = createRealtimeMetrics(base.metrics, {
    sockets: () => io.sockets.sockets.size,
    joining: () => admission.underWay,
  })
  const addressAdmission = createAddressAdmission({
    addressOf,
    scale: config.RATE_LIMIT_SCALE,
    atOnce: config.CONNECTIONS_AT_ONCE,
    // Who has no token, or comes too often, took nobody's place.
    onRefused: () => admission.refund(),
  })
  const io = createSocketServer(server, base, { admission, addressAdmission, realtimeMetrics })
  const floors = openFloors(io)
  const guard = parts.use(openGuard(base, { io, realtimeMetrics }))
  return {
    ...base,
    io,
    realtimeMetrics,
    admission,
    addressAdmission,
    reconnectWindow: parts.use(createReconnectWindow({ io, perSecond: config.CONNECTIONS_PER_SECOND })),
    stopping,
    loadMemberships: createLoadMemberships({ messages, log }),
    enqueueSend: createSendBatcher(messages),
    enqueueMarker: createMarkerBatcher(messages),
    floors,
    guard,
    tokens: guard.guarding(base.tokens),
    markers: parts.use(createMarkerCollector({ io, realtimeMetrics })),
    typing: parts.use(createTypingCollector({ io, realtimeMetrics })),
    push: createPush(base, parts),
    presence: parts.use(createPresence({ ...base, io, realtimeMetrics, stopping })),
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

/** What this service holds before it knows sockets. */
export interface RealtimeBase extends HttpContext {
  readonly config: RealtimeConfig
  readonly redis: RedisLink
  readonly tokens: TokenVerifier
  readonly messages: InternalClient
  readonly users: InternalClient
  /** What kept failing and was set aside. */
  readonly parked: Parked
}

/** Opens connections and all that belongs to any service; `parts` closes them again, the last opened first. */
export function openBase(config: RealtimeConfig, parts: AsyncDisposableStack): RealtimeBase {
  const log = createLogger({ service: 'realtime', nodeId: config.NODE_ID, level: config.LOG_LEVEL })
  const metrics = createMetrics('realtime')
  const redis = parts.use(openRedis({ url: config.REDIS_URL, name: 'realtime', log, metrics }))
  const tokens = parts.use(
    createTokenVerifier({
      jwks: new URL('/.well-known/jwks.json', config.USERS_URL).href,
      issuer: config.JWT_ISSUER,
      audience: config.JWT_AUDIENCE,
      log,
    }),
  )
  const clientOf = (baseUrl: string) =>
    parts.use(createInternalClient({ baseUrl, token: config.INTERNAL_TOKEN }))
  return {
    config,
    log,
    redis,
    tokens,
    metrics,
    parked: parts.use(createParked(metrics)),
    health: createHealth([
      redisDependency(redis),
      serviceDependency('messages', config.MESSAGES_URL),
      serviceDependency('users', config.USERS_URL),
    ]),
    limits: createRateLimiter({
      service: 'realtime',
      secret: config.INTERNAL_TOKEN,
      redis,
      scale: config.RATE_LIMIT_SCALE,
      log,
      metrics,
    }),
    messages: clientOf(config.MESSAGES_URL),
    users: clientOf(config.USERS_URL),
  }
}

/** Without another service a node is degraded, not down: sockets stay, and wait. */
function serviceDependency(name: string, url: string): Dependency {
  const check = async () =>
    (await fetch(new URL('/health/live', url), { signal: AbortSignal.timeout(900) })).ok
  return { name, required: false, check }
}
