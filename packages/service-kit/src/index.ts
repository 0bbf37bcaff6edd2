export { fullJitter } from '@finnigram/admission'
export {
  createSessionGuard,
  type EndedSession,
  type SessionGuard,
  type SessionGuardOptions,
} from './auth/session-guard.ts'
export { type Actor, createTokenVerifier, type TokenVerifier } from './auth/token-verifier.ts'
export { type Consumer, type ConsumerOptions, createConsumer } from './bus/consumer.ts'
export {
  findWornOut,
  forgetConsumers,
  type GroupNames,
  inspectGroup,
  planGroup,
  readGroup,
  reclaim,
  setBack,
} from './bus/consumer-group.ts'
export { publishFleeting, subscribeFleeting } from './bus/fleeting.ts'
export { type EventHandlers, type EventSchemas, unknownCounter } from './bus/handle-entries.ts'
export { parkEvent, parkEventOnce, parkedEvents } from './bus/parked-events.ts'
export { type RawStreams, type StreamEntry, toStreamEntry } from './bus/redis-streams.ts'
export { type Tail, type TailOptions, tailStreams } from './bus/tail-streams.ts'
export { baseEnv, ConfigError, databaseEnv, internalEnv, readEnv, redisEnv, tokenEnv } from './config.ts'
export { AppError, type AppErrorOptions, isOvertime, isUnavailable } from './errors.ts'
export {
  createHealth,
  type Dependency,
  type Health,
  type HealthReport,
  postgresDependency,
  redisDependency,
} from './health.ts'
export { fromCursor, toCursor } from './http/cursor.ts'
export { type HttpServer, startHttp } from './http/http-server.ts'
export { type ByteRange, FileBody, type FileParts, JsonText, pictureFile, reply } from './http/reply.ts'
export { onResponseClosed } from './http/request-signal.ts'
export {
  type Exchange,
  type Handler,
  type HttpConfig,
  type HttpContext,
  type HttpRequest,
  type Route,
  type RouteLimit,
  route,
} from './http/route.ts'
export { createInternalClient, createInternalGuard, type InternalClient } from './internal/internal-client.ts'
export { listen } from './lifecycle/listen.ts'
export { runUntilSignal } from './lifecycle/run-until-signal.ts'
export { createWakeSignal, pause, within } from './lifecycle/wait.ts'
export { type Bulkhead, createBulkhead } from './limits/bulkhead.ts'
export { createImageQueue } from './limits/image-queue.ts'
export { createKeyedSemaphore, type KeyedSemaphore } from './limits/keyed-semaphore.ts'
export { createMicroBatch } from './limits/micro-batch.ts'
export { createRateLimiter, type RateLimit, type RateLimiter } from './limits/rate-limiter.ts'
export { createSlotPool, type SlotPool } from './limits/slot-pool.ts'
export { createLogger, type Logger } from './logger/logger.ts'
export { currentRequestId, withRequestId } from './logger/request-context.ts'
export { createMetrics, type Metrics } from './metrics/metrics.ts'
export { takeLongestStall } from './metrics/watch-event-loop.ts'
export { type MigrateOptions, migrate } from './migrate/migrate.ts'
export { diffMigrations } from './migrate/schema-engine.ts'
export { addressKey } from './net/address-key.ts'
export { isPublicHost } from './net/is-public-host.ts'
export {
  appendToOutbox,
  type OutboxEntry,
  type OutboxTransaction,
  partitionOf,
} from './outbox/append-to-outbox.ts'
export { parkedOutbox } from './outbox/park-entries.ts'
export { createRelay, type Relay, type RelayOptions } from './outbox/relay.ts'
export {
  createParked,
  type Parked,
  type ParkedItem,
  type ParkedStore,
  parkedCounter,
  parkedRoutes,
  reasonOf,
} from './parked/parked.ts'
export { park, parkedTable } from './parked/parked-table.ts'
export { openPool, type PoolOptions, withTransaction } from './postgres.ts'
export { openRedis, type RedisLink } from './redis/open-redis.ts'
export { requireFitRedis } from './redis/watch-server.ts'
