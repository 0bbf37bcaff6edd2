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
  type InternalClient,
  openRedis,
  type Parked,
  type RedisLink,
  redisDependency,
  type TokenVerifier,
} from '@finnigram/service-kit'
import type { RealtimeConfig } from './config.ts'

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
