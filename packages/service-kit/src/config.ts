import { newId } from '@finnigram/contracts'
import { z } from 'zod'

/**
 * The settings are wrong, or name a server that cannot be used. The message is for operators and
 * contains no values, which may be secret.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/**
 * Reads settings from `env`; an empty value is absent. Throws one `ConfigError` with all mistakes.
 */
export function readEnv<S extends z.ZodRawShape>(
  shape: S,
  env: Record<string, string | undefined>,
): z.output<z.ZodObject<S>> {
  const present = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  )
  const result = z.object(shape).safeParse(present)
  if (result.success) return result.data
  const mistakes = result.error.issues.map((issue) => {
    const name = issue.path.join('.')
    return `  ${name}: ${name in present ? issue.message : 'is missing'}`
  })
  throw new ConfigError(`These settings are not valid:\n${mistakes.join('\n')}`)
}

/** Settings of every service. */
export const baseEnv = {
  HOST: z.string().default('127.0.0.1').describe('Address to listen on.'),
  PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(0)
    .describe('Port to listen on. 0 takes a free one.'),
  LOG_LEVEL: z
    .enum(['error', 'warn', 'info', 'debug'])
    .default('info')
    .describe('The least that is logged: error, warn, info or debug.'),
  NODE_ID: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'must be 1–64 of letters, digits, _ . -')
    .default(() => newId().slice(-12))
    .describe('Names this process in logs, metrics and consumer groups. Made by chance when not said.'),
  RATE_LIMIT_SCALE: z.coerce
    .number()
    .positive()
    .default(1)
    .describe('Multiplies every rate limit, for load tests.'),
  TRUST_PROXY: z
    .string()
    .default('loopback, linklocal, uniquelocal')
    .describe("Whose X-Forwarded-For is believed, as Express's trust proxy takes it."),
  CHECK_REPLIES: z
    .stringbool()
    .default(false)
    .describe('Compares every reply with its schema and fails where it differs: for tests.'),
}

export const databaseEnv = {
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'must be a postgresql:// URL' })
    .describe("The service's own PostgreSQL."),
  DATABASE_POOL_SIZE: z.coerce
    .number()
    .int()
    .min(2)
    .max(500)
    .default(10)
    .describe('Connections to it that this process may hold.'),
}

export const redisEnv = {
  REDIS_URL: z
    .url({ protocol: /^rediss?$/, error: 'must be a redis:// or rediss:// URL' })
    .describe('The Redis of all services.'),
}

export const tokenEnv = {
  JWT_ISSUER: z.string().default('finnigram').describe('Who issues access tokens. The same in all services.'),
  JWT_AUDIENCE: z.string().default('finnigram').describe('For whom they are. The same in all services.'),
}

export const internalEnv = {
  INTERNAL_TOKEN: z
    .string()
    .min(16, 'must have at least 16 characters')
    .describe('The secret that services show each other.'),
}
