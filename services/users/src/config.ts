import { baseEnv, databaseEnv, internalEnv, readEnv, redisEnv, tokenEnv } from '@finnigram/service-kit'
import type { z } from 'zod'

const settings = { ...baseEnv, ...databaseEnv, ...redisEnv, ...tokenEnv, ...internalEnv }

export type UsersConfig = z.output<z.ZodObject<typeof settings>>

/** The settings of the users service. Throws one `ConfigError` that names every mistake. */
export const readConfig = (env: Record<string, string | undefined>): UsersConfig => readEnv(settings, env)
