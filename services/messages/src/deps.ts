import type { Pictures } from '@finnigram/images'
import type { InternalClient, Logger, Metrics, RateLimiter, RedisLink, Relay } from '@finnigram/service-kit'
import type pg from 'pg'
import type { MessagesConfig } from './config.ts'
import type { PrismaClient } from './generated/client.ts'

/**
 * What features need from the composition root, one interface for each thing. A use case declares
 * exactly what it needs, for example `ctx: WithPool & WithRelay`. The context of the root
 * (`context.ts`) satisfies all of them, and no feature imports it. This file imports no feature: an
 * interface for something that a feature owns stands beside it, such as `WithMarkerBatcher`.
 */

export interface WithPool {
  readonly pool: pg.Pool
}

/** The same pool through Prisma, for reads that are rare. */
export interface WithPrisma {
  readonly prisma: PrismaClient
}

export interface WithRedis {
  readonly redis: RedisLink
}

/** Wake it after a commit that wrote to the outbox. */
export interface WithRelay {
  readonly relay: Pick<Relay, 'wake'>
}

/** The rate limiter. */
export interface WithLimits {
  readonly limits: RateLimiter
}

export interface WithLog {
  readonly log: Logger
}

export interface WithMetrics {
  readonly metrics: Metrics
}

/** The users service, over HTTP. */
export interface WithUsers {
  readonly users: InternalClient
}

export interface WithPictures {
  readonly pictures: Pictures
}

/** Some settings by name, for example `WithConfig<'PUBLIC_URL'>`. */
export interface WithConfig<Name extends keyof MessagesConfig> {
  readonly config: Pick<MessagesConfig, Name>
}

/** Runs SQL: a pool, or a client in a transaction. */
export type Queryable = Pick<pg.ClientBase, 'query'>
