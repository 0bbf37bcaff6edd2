import { baseEnv, databaseEnv, internalEnv, readEnv, redisEnv, tokenEnv } from '@finnigram/service-kit'
import { z } from 'zod'
import { attachmentEnv, checkBucket } from './attachments/attachment-settings.ts'

/** The settings of the messages service, as its environment names them. */
export const settings = {
  ...baseEnv,
  ...databaseEnv,
  ...redisEnv,
  ...tokenEnv,
  ...internalEnv,
  ...attachmentEnv,
  USERS_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
    .describe('Where the users service is.'),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
    .transform((url) => url.replace(/\/+$/, ''))
    .default('http://localhost:8080')
    .describe('The origin people type. Invite links begin with it.'),
  EVENTS_KEEP_DAYS: z.coerce
    .number()
    .positive()
    .default(30)
    .describe('How many days the events are kept that devices catch up with. Messages are kept for ever.'),
  EVENTS_KEEP: z.coerce
    .number()
    .int()
    .min(1)
    .default(1000)
    .describe('How many of the last events of each conversation are kept at least.'),
}

export type MessagesConfig = z.output<z.ZodObject<typeof settings>>

/** The settings of the messages service. Throws one `ConfigError` that names every mistake. */
export const readConfig = (env: Record<string, string | undefined>): MessagesConfig =>
  checkBucket(readEnv(settings, env))
