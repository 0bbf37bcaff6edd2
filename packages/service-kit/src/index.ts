export { createInternalGuard } from './auth/create-internal-guard.ts'
export {
  createSessionGuard,
  type EndedSession,
  type SessionGuard,
  type SessionGuardOptions,
} from './auth/create-session-guard.ts'
export { type Actor, createTokenVerifier, type TokenVerifier } from './auth/create-token-verifier.ts'
export { forgetConsumers, type GroupNames, planGroup, reclaim, setBack } from './bus/consumer-group.ts'
export { type Consumer, type ConsumerOptions, createConsumer } from './bus/create-consumer.ts'
export { publishFleeting, subscribeFleeting } from './bus/fleeting.ts'
export type { EventHandlers, EventSchemas } from './bus/handle-entry.ts'
export { inspectGroup } from './bus/inspect-group.ts'
export { type RawStreams, type StreamEntry, toStreamEntry } from './bus/stream-entry.ts'
export { type Tail, type TailOptions, tailStreams } from './bus/tail-streams.ts'
export { ConfigError, readEnv } from './config/read-env.ts'
export { baseEnv, databaseEnv, internalEnv, redisEnv, tokenEnv } from './config/shared-env.ts'
export { AppError, type AppErrorOptions } from './errors/app-error.ts'
export { isOvertime, isUnavailable } from './errors/is-unavailable.ts'
export { createHealth, type Dependency, type Health, type HealthReport } from './health/create-health.ts'
export { postgresDependency, redisDependency } from './health/dependencies.ts'
export { fromCursor, toCursor } from './http/cursor.ts'
export { type ByteRange, FileBody, type FileParts } from './http/file-body.ts'
export type { HttpConfig, HttpContext } from './http/http-context.ts'
export { JsonText } from './http/json-text.ts'
export { reply } from './http/reply.ts'
export { whenOver } from './http/request-signal.ts'
export {
  type Exchange,
  type Handler,
  type HttpRequest,
  type Route,
  type RouteLimit,
  route,
} from './http/route.ts'
export { type HttpServer, startHttp } from './http/start-http.ts'
export { createInternalClient, type InternalClient } from './internal/create-internal-client.ts'
export { fullJitter } from './lifecycle/full-jitter.ts'
export { pause } from './lifecycle/pause.ts'
export { runUntilSignal } from './lifecycle/run-until-signal.ts'
export { within } from './lifecycle/within.ts'
export { addressKey } from './limits/address-key.ts'
export { type Bulkhead, createBulkhead } from './limits/create-bulkhead.ts'
export { createPlaces, type Places } from './limits/create-places.ts'
export { createRateLimiter, type RateLimit, type RateLimiter } from './limits/create-rate-limiter.ts'
export { createTokenBuckets, type TokenBuckets } from './limits/create-token-buckets.ts'
export { createLogger, type Logger } from './logger/create-logger.ts'
export { currentRequestId, withRequestId } from './logger/request-context.ts'
export { createMetrics, type Metrics } from './metrics/create-metrics.ts'
export { takeLongestStall } from './metrics/watch-event-loop.ts'
export { diffMigrations } from './migrate/diff-migrations.ts'
export { type MigrateOptions, migrate } from './migrate/migrate.ts'
export { isPublicHost } from './net/is-public-host.ts'
export { appendToOutbox, type OutboxEntry, type OutboxTransaction } from './outbox/append-to-outbox.ts'
export { createRelay, type Relay, type RelayOptions } from './outbox/create-relay.ts'
export { parkedOutbox } from './outbox/park-entries.ts'
export { partitionOf } from './outbox/partition-of.ts'
export { createParked, type Parked, parkedCounter } from './parked/create-parked.ts'
export { parkedRoutes } from './parked/parked-routes.ts'
export type { ParkedItem, ParkedStore } from './parked/parked-store.ts'
export { park, parkedTable, reasonOf } from './parked/parked-table.ts'
export { openPool, type PoolOptions } from './postgres/open-pool.ts'
export { withTransaction } from './postgres/with-transaction.ts'
export { openRedis, type RedisLink } from './redis/open-redis.ts'
