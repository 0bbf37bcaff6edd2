import { newId } from '@finnigram/contracts'
import { z } from 'zod'

/** What every service is told. */
export const baseEnv = {
  /** Address to listen on. */
  HOST: z.string().default('127.0.0.1'),
  /** Port to listen on; 0 takes a free one. */
  PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  LOG_LEVEL: z.enum(['error', 'warn', 'info', 'debug']).default('info'),
  /** Names this process in logs, metrics and consumer groups. */
  NODE_ID: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'must be 1–64 of letters, digits, _ . -')
    .default(() => newId().slice(-12)),
  /** Multiplies every rate limit. */
  RATE_LIMIT_SCALE: z.coerce.number().positive().default(1),
  /** Whose `X-Forwarded-For` is believed, as Express's "trust proxy" takes it. */
  TRUST_PROXY: z.string().default('loopback, linklocal, uniquelocal'),
  /** Compare every reply with its schema and fail where it differs: for tests. */
  CHECK_REPLIES: z.stringbool().default(false),
}

export const databaseEnv = {
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgresql:// URL' }),
  /** Connections this process may hold. */
  DATABASE_POOL_SIZE: z.coerce.number().int().min(2).max(500).default(10),
}

export const redisEnv = {
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: 'must be a redis:// or rediss:// URL' }),
}

export const tokenEnv = {
  JWT_ISSUER: z.string().default('finnigram'),
  JWT_AUDIENCE: z.string().default('finnigram'),
}

export const internalEnv = {
  /** The secret services show each other. */
  INTERNAL_TOKEN: z.string().min(16, 'must have at least 16 characters'),
}
