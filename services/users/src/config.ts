import {
  baseEnv,
  ConfigError,
  databaseEnv,
  internalEnv,
  readEnv,
  redisEnv,
  tokenEnv,
} from '@finnigram/service-kit'
import { z } from 'zod'
import { SecretsKey } from './secrets/secrets-key.ts'

const settings = {
  ...baseEnv,
  ...databaseEnv,
  ...redisEnv,
  ...tokenEnv,
  ...internalEnv,
  SECRETS_KEY: SecretsKey,
  /** The origin people type; links in mails begin with it. */
  PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
    .transform((url) => new URL(url).href.replace(/\/+$/, ''))
    .default('http://localhost:8080'),
  /** The mail server; without it mails are written to `MAIL_DIR`. */
  SMTP_URL: z.url({ protocol: /^smtps?$/, error: 'must be an smtp:// or smtps:// URL' }).optional(),
  MAIL_DIR: z.string().optional(),
  /** The sender; `Finnigram` at the host of `PUBLIC_URL` when not said. */
  MAIL_FROM: z.string().max(320).optional(),
  /** Lets push subscriptions name addresses of private networks, without TLS: for tests and closed networks. */
  PUSH_ALLOW_PRIVATE: z.stringbool().default(false),
  /** Where the messages service is; it has what people wrote, for their export. */
  MESSAGES_URL: z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' }),
}

export type UsersConfig = z.output<z.ZodObject<typeof settings>>

/** The settings of the users service. Throws one `ConfigError` that names every mistake. */
export function readConfig(env: Record<string, string | undefined>): UsersConfig {
  const config = readEnv(settings, env)
  if (!config.SMTP_URL && !config.MAIL_DIR)
    throw new ConfigError(
      'These settings are not valid:\n  SMTP_URL: is missing (or MAIL_DIR, a folder to write mails to)',
    )
  return config
}
