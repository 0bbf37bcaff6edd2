import { baseEnv, databaseEnv, internalEnv, readEnv, redisEnv, tokenEnv } from '@finnigram/service-kit'
import { z } from 'zod'

const settings = {
  ...baseEnv,
  ...databaseEnv,
  ...redisEnv,
  ...tokenEnv,
  ...internalEnv,
  /** Where the users service is: for its public keys and for the first copy of the profiles. */
  USERS_URL: z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' }),
}

export type MessagesConfig = z.output<z.ZodObject<typeof settings>>

/** The settings of the messages service. Throws one `ConfigError` that names every mistake. */
export const readConfig = (env: Record<string, string | undefined>): MessagesConfig => readEnv(settings, env)
