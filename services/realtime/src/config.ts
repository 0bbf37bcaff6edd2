import { connectionsAtOnce, connectionsPerSecond } from '@finnigram/contracts'
import { baseEnv, internalEnv, readEnv, redisEnv, tokenEnv } from '@finnigram/service-kit'
import { z } from 'zod'

/** The settings of the realtime service, as its environment names them. */
export const settings = {
  ...baseEnv,
  ...redisEnv,
  ...tokenEnv,
  ...internalEnv,
  USERS_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
    .describe('Where the users service is.'),
  MESSAGES_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
    .describe('Where the messages service is.'),
  CONNECTIONS_PER_SECOND: z.coerce
    .number()
    .min(1)
    .max(100_000)
    .default(connectionsPerSecond)
    .describe('New connections this node takes up each second. The others are told when to come back.'),
  CONNECTIONS_AT_ONCE: z.coerce
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(connectionsAtOnce)
    .describe('New connections this node takes up at once, after a quiet time.'),
  CONNECTIONS_UNDER_WAY: z.coerce
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(500)
    .describe(
      'Connections that may wait for their memberships at once, as they do while messages is slow or away.',
    ),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
    .optional()
    .describe('Where people reach this server. Push services may write to whoever runs it.'),
  PUSH_DELAY_MS: z.coerce
    .number()
    .int()
    .min(0)
    .max(120_000)
    .default(4000)
    .describe('Milliseconds a message may take to reach a device before that is notified.'),
  PUSH_APART_MS: z.coerce
    .number()
    .int()
    .min(0)
    .max(3600_000)
    .default(10_000)
    .describe(
      "Milliseconds between a device's notifications of one conversation, unless a new message mentions its owner.",
    ),
  PUSH_ALLOW_PRIVATE: z
    .stringbool()
    .default(false)
    .describe('Lets browsers name push services in private networks, such as one of your own.'),
  EXPO_PUSH_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
    .default('https://exp.host')
    .describe('Where phones are notified through.'),
  EXPO_ACCESS_TOKEN: z
    .string()
    .optional()
    .describe(
      'For an Expo project that wants one to notify its phones. Browsers need no setting but a PUBLIC_URL with https:.',
    ),
}

export type RealtimeConfig = z.output<z.ZodObject<typeof settings>>

/** The settings of the realtime service. Throws one `ConfigError` that names every mistake. */
export const readConfig = (env: Record<string, string | undefined>): RealtimeConfig => readEnv(settings, env)
