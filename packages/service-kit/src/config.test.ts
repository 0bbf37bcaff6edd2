import { expect, test } from 'vitest'
import { z } from 'zod'
import { baseEnv, ConfigError, databaseEnv, internalEnv, readEnv, redisEnv } from './config.ts'

test('every mistake is named at once, without the values', () => {
  const env = {
    DATABASE_URL: 'mysql://root:hunter2@host/db',
    PORT: '99999',
    INTERNAL_TOKEN: 'short',
    LOG_LEVEL: 'loud',
  }
  let message = ''
  try {
    readEnv({ ...baseEnv, ...databaseEnv, ...redisEnv, ...internalEnv }, env)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    message = String(error)
  }
  for (const name of ['DATABASE_URL', 'PORT', 'INTERNAL_TOKEN', 'LOG_LEVEL'])
    expect(message).toContain(`  ${name}: `)
  expect(message).toContain('  REDIS_URL: is missing')
  expect(message).not.toContain('hunter2')
})

test('a missing setting has its default, and an empty one is missing', () => {
  const config = readEnv(baseEnv, { PORT: '', LOG_LEVEL: 'debug' })
  expect(config).toMatchObject({
    HOST: '127.0.0.1',
    PORT: 0,
    LOG_LEVEL: 'debug',
    RATE_LIMIT_SCALE: 1,
    CHECK_REPLIES: false,
  })
  expect(config.NODE_ID).not.toBe(readEnv(baseEnv, {}).NODE_ID)
})

test('a service adds its own settings', () => {
  const config = readEnv(
    { ...redisEnv, SIZE: z.coerce.number() },
    { REDIS_URL: 'redis://localhost:6379', SIZE: '7' },
  )
  expect(config).toEqual({ REDIS_URL: 'redis://localhost:6379', SIZE: 7 })
})
