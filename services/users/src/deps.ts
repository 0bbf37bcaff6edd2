import type { InternalClient, Logger, Metrics, RateLimiter } from '@finnigram/service-kit'
import type pg from 'pg'
import type { UsersConfig } from './config.ts'
import type { PrismaClient } from './generated/client.ts'

/*
 * What functions of this service need, one interface each. A function names those it uses; the
 * root's `UsersContext` has all of them. What a feature creates is declared beside it, such as
 * `WithSealer`. This file imports no feature, so no import circle passes through it.
 */

export interface WithPool {
  readonly pool: pg.Pool
}

export interface WithPrisma {
  readonly prisma: PrismaClient
}

export interface WithLog {
  readonly log: Logger
}

export interface WithMetrics {
  readonly metrics: Metrics
}

export interface WithLimits {
  readonly limits: RateLimiter
}

/** The messages service, which has what people wrote. */
export interface WithMessages {
  readonly messages: InternalClient
}

/** Some of the settings. */
export interface WithConfig<Name extends keyof UsersConfig> {
  readonly config: Pick<UsersConfig, Name>
}
