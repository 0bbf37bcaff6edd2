import type { TokenVerifier } from '../auth/token-verifier.ts'
import type { Health } from '../health.ts'
import type { RateLimiter } from '../limits/rate-limiter.ts'
import type { Logger } from '../logger/logger.ts'
import type { Metrics } from '../metrics/metrics.ts'

/** What the HTTP server needs of a service; a service's own context may carry more. */
export interface HttpContext {
  readonly log: Logger
  readonly metrics: Metrics
  readonly health: Health
  readonly limits: RateLimiter
  /** Needed where a route asks for a signed-in caller. */
  readonly tokens?: TokenVerifier | undefined
}

/** The settings of it; `baseEnv` and `internalEnv` have the same names. */
export interface HttpConfig {
  readonly HOST: string
  readonly PORT: number
  readonly TRUST_PROXY: string
  readonly CHECK_REPLIES: boolean
  readonly RATE_LIMIT_SCALE: number
  /** Needed where a route is for other services only. */
  readonly INTERNAL_TOKEN?: string | undefined
}
