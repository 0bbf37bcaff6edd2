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
}

export type RealtimeConfig = z.output<z.ZodObject<typeof settings>>

/** The settings of the realtime service. Throws one `ConfigError` that names every mistake. */
export const readConfig = (env: Record<string, string | undefined>): RealtimeConfig => readEnv(settings, env)
