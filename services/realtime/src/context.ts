import {
  createHealth,
  createInternalClient,
  createLogger,
  createMetrics,
  createParked,
  createRateLimiter,
  createTokenVerifier,
  type Dependency,
  type HttpContext,
  type HttpServer,
  type InternalClient,
  openRedis,
  type Parked,
  redisDependency,
} from '@finnigram/service-kit'
import type { ClientEventDeps } from './client-events/handlers.ts'
import { createMarkerBatcher } from './client-events/marker-batcher.ts'
import { createSendBatcher } from './client-events/send-batcher.ts'
import type { RealtimeConfig } from './config.ts'
import { createAddressAdmission, type WithAddressAdmission } from './connect/address-admission.ts'
import { createAdmission, type WithAdmission } from './connect/admission.ts'
import { openGuard } from './connect/close-sockets.ts'
import { createLoadMemberships, type JoinDeps } from './connect/memberships.ts'
import { createReconnectWindow, type WithReconnectWindow } from './connect/reconnect-window.ts'
import { createSocketServer } from './connect/socket-server.ts'
import type { RealtimeServer } from './connection.ts'
import type {
  WithConfig,
  WithGuard,
  WithIo,
  WithRealtimeMetrics,
  WithRedis,
  WithTokens,
  WithUsers,
} from './deps.ts'
import { createMarkerCollector, type WithMarkers } from './fan-out/markers.ts'
import { createJoinFloors } from './fan-out/send-buffer.ts'
import { createTypingCollector, type WithTyping } from './fan-out/typing.ts'
import type { WithProfiles } from './fan-out/user-events.ts'
import { createRealtimeMetrics } from './metrics.ts'
import { createPresence } from './presence/presence.ts'
import { createPush, type Push } from './push/create-push.ts'
import { conversationOf } from './wire/rooms.ts'

/**
 * All that a node works with. Only the composition root knows it: features declare the narrow
 * dependencies they use.
 */
export interface RealtimeContext
  extends RealtimeBase,
    Omit<ClientEventDeps, 'push'>,
    JoinDeps,
    WithAddressAdmission,
    WithAdmission,
    WithGuard,
    WithIo,
    WithMarkers,
    WithProfiles,
    WithRealtimeMetrics,
    WithReconnectWindow,
    WithTyping {
  readonly push: Push
}

/** Adds the Socket.IO server and all features that work with it. */
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
    // A refused handshake gives the node's token back.
    onRefused: () => admission.refund(),
  })
  const io = createSocketServer(server, { ...base, admission, addressAdmission, realtimeMetrics })
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

/** The floor of a conversation goes with its room. */
function openFloors(io: RealtimeServer) {
  const floors = createJoinFloors()
  io.sockets.adapter.on('delete-room', (room: string) => {
    const conversationId = conversationOf(room)
    if (conversationId) floors.drop(conversationId)
  })
  return floors
}

/** What this service holds before it has sockets. */
export interface RealtimeBase extends HttpContext, WithConfig, WithRedis, WithTokens, WithUsers {
  readonly tokens: WithTokens['tokens']
  readonly messages: InternalClient
  /** Dead letters of all features. */
  readonly parked: Parked
}

/**
 * Opens what every service has: connections, metrics, health. `parts` closes them in reverse order.
 */
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

/** Without another service a node is degraded, not down: its sockets stay. */
function serviceDependency(name: string, url: string): Dependency {
  const check = async () =>
    (await fetch(new URL('/health/live', url), { signal: AbortSignal.timeout(900) })).ok
  return { name, required: false, check }
}
