import { connectionsAtOnce, connectionsPerSecond } from '@finnigram/contracts'
import { baseEnv, internalEnv, readEnv, redisEnv, tokenEnv } from '@finnigram/service-kit'
import { z } from 'zod'

const settings = {
  ...baseEnv,
  ...redisEnv,
  ...tokenEnv,
  ...internalEnv,
  /** Where the public keys of access tokens are. */
  USERS_URL: z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' }),
  MESSAGES_URL: z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' }),
  /** New connections this node takes up each second; the others are told when to come back. Each costs this node about a millisecond, and a sync. */
  CONNECTIONS_PER_SECOND: z.coerce.number().min(1).max(100_000).default(connectionsPerSecond),
  /** New connections this node takes up at once, after a quiet time. */
  CONNECTIONS_AT_ONCE: z.coerce.number().int().min(1).max(100_000).default(connectionsAtOnce),
  /** Connections that may wait for their memberships at once, as they do while the messages service is slow or away. */
  CONNECTIONS_UNDER_WAY: z.coerce.number().int().min(1).max(100_000).default(500),
  /** Where people reach this server: push services may write to whoever runs it. */
  PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' }).optional(),
  /** Milliseconds a message may take to reach a device before that is notified. */
  PUSH_DELAY_MS: z.coerce.number().int().min(0).max(120_000).default(4000),
  /** Milliseconds between two notifications of a conversation to a device, unless a new message mentions its person. */
  PUSH_APART_MS: z.coerce.number().int().min(0).max(3600_000).default(10_000),
  /** Let browsers name push services in private networks: for tests, and for a push service of one's own. */
  PUSH_ALLOW_PRIVATE: z.stringbool().default(false),
  /** Where phones are notified through. */
  EXPO_PUSH_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
    .default('https://exp.host'),
  /** For an Expo project that wants one. */
  EXPO_ACCESS_TOKEN: z.string().optional(),
}

export type RealtimeConfig = z.output<z.ZodObject<typeof settings>>

/** The settings of the realtime service. Throws one `ConfigError` that names every mistake. */
export const readConfig = (env: Record<string, string | undefined>): RealtimeConfig => readEnv(settings, env)
