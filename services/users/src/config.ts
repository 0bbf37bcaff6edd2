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

const oneKey = /^[A-Za-z0-9+/_-]{43}=?$/

/**
 * The keys that encrypt secrets in the database: 32 bytes each in base64, separated by commas. The
 * first seals and all open, so a new key goes in front.
 */
export const SecretsKey = z
  .string()
  .refine(
    (text) => text.split(',').every((key) => oneKey.test(key.trim())),
    'must be 32 bytes in base64 (openssl rand -base64 32), or several with commas between',
  )

/** The settings of the users service, as its environment names them. */
export const settings = {
  ...baseEnv,
  ...databaseEnv,
  ...redisEnv,
  ...tokenEnv,
  ...internalEnv,
  SECRETS_KEY: SecretsKey.describe(
    '32 bytes in base64 that seal secrets in the users database (openssl rand -base64 32). Several with commas between: the first seals, all open. Several stacks on one database share it.',
  ),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
    .transform((url) => new URL(url).href.replace(/\/+$/, ''))
    .default('http://localhost:8080')
    .describe('The origin people type. Links in mails begin with it.'),
  SMTP_URL: z
    .url({ protocol: /^smtps?$/, error: 'must be an smtp:// or smtps:// URL' })
    .optional()
    .describe('The mail server, smtp:// or smtps://. Without it mails are files in MAIL_DIR.'),
  MAIL_DIR: z.string().optional().describe('Folder for mails where there is no mail server.'),
  MAIL_FROM: z
    .string()
    .max(320)
    .optional()
    .describe('The sender of mails; Finnigram at the host of PUBLIC_URL when not said.'),
  PUSH_ALLOW_PRIVATE: z
    .stringbool()
    .default(false)
    .describe('Lets browsers name push services in private networks, such as one of your own.'),
  MESSAGES_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
    .describe('Where the messages service is.'),
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
