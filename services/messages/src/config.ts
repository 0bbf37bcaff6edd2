import { baseEnv, databaseEnv, internalEnv, readEnv, redisEnv, tokenEnv } from '@finnigram/service-kit'
import { z } from 'zod'
import { attachmentEnv, checkBucket } from './attachments/attachment-settings.ts'

const settings = {
  ...baseEnv,
  ...databaseEnv,
  ...redisEnv,
  ...tokenEnv,
  ...internalEnv,
  ...attachmentEnv,
  /** Where the users service is: for its public keys and for the first copy of the profiles. */
  USERS_URL: z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' }),
  /** The origin people type; invite links begin with it. */
  PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
    .transform((url) => url.replace(/\/+$/, ''))
    .default('http://localhost:8080'),
  /** Events younger than this many days are always kept. */
  EVENTS_KEEP_DAYS: z.coerce.number().positive().default(30),
  /** So are the last events of each conversation, up to this many. */
  EVENTS_KEEP: z.coerce.number().int().min(1).default(1000),
}

export type MessagesConfig = z.output<z.ZodObject<typeof settings>>

/** The settings of the messages service. Throws one `ConfigError` that names every mistake. */
export const readConfig = (env: Record<string, string | undefined>): MessagesConfig =>
  checkBucket(readEnv(settings, env))
