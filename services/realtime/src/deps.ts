import type {
  HttpContext,
  InternalClient,
  RedisLink,
  SessionGuard,
  TokenVerifier,
} from '@finnigram/service-kit'
import type { RealtimeConfig } from './config.ts'
import type { RealtimeServer } from './connection.ts'
import type { RealtimeMetrics } from './metrics.ts'

/**
 * Narrow dependencies that no feature owns. A function asks for the ones it uses, joined by `&`;
 * what a feature provides to others stands beside it, such as `WithPresence`. `RealtimeContext`
 * satisfies all of them, and only the composition root knows it.
 */
export interface WithConfig {
  readonly config: RealtimeConfig
}

export type WithLog = Pick<HttpContext, 'log'>

export type WithLimits = Pick<HttpContext, 'limits'>

export interface WithRealtimeMetrics {
  readonly realtimeMetrics: RealtimeMetrics
}

export interface WithRedis {
  readonly redis: RedisLink
}

/** The users service. */
export interface WithUsers {
  readonly users: InternalClient
}

export interface WithTokens {
  /** Refuses tokens of sessions that have ended. */
  readonly tokens: TokenVerifier
}

export interface WithGuard {
  readonly guard: SessionGuard
}

export interface WithIo {
  readonly io: RealtimeServer
}

export interface WithStopping {
  /** Aborts when the service begins to stop. */
  readonly stopping: AbortSignal
}

export interface WithGaps {
  /** How often this node may have missed something of the streams. */
  readonly gaps: { count: number }
}
