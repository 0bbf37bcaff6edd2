import type pg from 'pg'
import type { Dependency } from '../health.ts'
import type { RedisLink } from '../redis/open-redis.ts'

/** PostgreSQL, asked for a trivial answer; without it a service that owns a database serves nothing. */
export function postgresDependency(pool: pg.Pool): Dependency {
  return { name: 'postgres', required: true, check: () => pool.query('SELECT 1') }
}

/**
 * Redis; without it, while it is too old or nearly full, a service is degraded, not down, unless
 * `required`.
 */
export function redisDependency(redis: RedisLink, { required = false } = {}): Dependency {
  const check = async () => {
    await redis.commands.ping()
    if (redis.server.fault !== undefined) return false
    return redis.server.memory?.isTight ? 'degraded' : 'up'
  }
  return { name: 'redis', required, check }
}
