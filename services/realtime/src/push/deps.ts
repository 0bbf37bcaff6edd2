import type { Health, InternalClient, Logger, Metrics, Parked, RedisLink } from '@finnigram/service-kit'

/**
 * All that push needs of the service it runs in. The folder imports nothing else of the service but
 * `micro-batch.ts`, so that it could be moved into a service of its own.
 */
export interface PushHost extends WithLog, WithMessages, WithPushConfig, WithRedis, WithUsers {
  readonly metrics: Metrics
  readonly health: Health
  /** Dead letters of all features. */
  readonly parked: Parked
}

export interface WithPushConfig {
  readonly config: {
    readonly NODE_ID: string
    readonly PUBLIC_URL?: string | undefined
    readonly PUSH_DELAY_MS: number
    readonly PUSH_APART_MS: number
    readonly PUSH_ALLOW_PRIVATE: boolean
    readonly EXPO_PUSH_URL: string
    readonly EXPO_ACCESS_TOKEN?: string | undefined
  }
}

export interface WithLog {
  readonly log: Logger
}

export interface WithRedis {
  readonly redis: RedisLink
}

export interface WithUsers {
  readonly users: InternalClient
}

export interface WithMessages {
  readonly messages: InternalClient
}
