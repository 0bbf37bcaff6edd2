import type pg from 'pg'
import { within } from './lifecycle/wait.ts'
import type { RedisLink } from './redis/open-redis.ts'

const checkWithinMs = 1000

export interface Dependency {
  name: string
  /** Whether nothing useful can be served without it. */
  required: boolean
  /**
   * Throws, rejects or returns false when the dependency is down; returns `degraded` when it may
   * soon be.
   */
  check: () => unknown
}

type DependencyState = 'up' | 'degraded' | 'down'

export interface HealthReport {
  status: 'ready' | 'degraded' | 'starting' | 'stopping' | 'unavailable'
  dependencies: Record<string, { state: DependencyState; required: boolean }>
}

export interface Health {
  /** False until `started()`: routes answer 503 so long. */
  readonly isServing: boolean
  /** True from `started()` on, also while stopping: what the start creates is there. */
  readonly hasStarted: boolean
  started(): void
  stopping(): void
  report(): Promise<HealthReport>
}

/**
 * Whether a service can serve: "starting" until `started()` is called, then as its dependencies
 * say.
 */
export function createHealth(dependencies: Dependency[]): Health {
  let phase: 'starting' | 'serving' | 'stopping' = 'starting'
  let hasStarted = false
  return {
    get isServing() {
      return phase === 'serving'
    },
    get hasStarted() {
      return hasStarted
    },
    started() {
      hasStarted = true
      if (phase === 'starting') phase = 'serving'
    },
    stopping() {
      phase = 'stopping'
    },
    async report() {
      const states = await Promise.all(
        dependencies.map(async (one) => ({ ...one, state: await stateOf(one) })),
      )
      const reached = states.some(({ required, state }) => required && state === 'down')
        ? 'unavailable'
        : states.some(({ state }) => state !== 'up')
          ? 'degraded'
          : 'ready'
      return {
        status: phase === 'serving' ? reached : phase,
        dependencies: Object.fromEntries(
          states.map(({ name, required, state }) => [name, { state, required }]),
        ),
      }
    },
  }
}

async function stateOf({ check }: Dependency): Promise<DependencyState> {
  try {
    const result = Promise.resolve(check())
    if (!(await within(checkWithinMs, result))) return 'down'
    const answer = await result
    return answer === 'degraded' ? 'degraded' : answer === false ? 'down' : 'up'
  } catch {
    return 'down'
  }
}

/** PostgreSQL, checked by a trivial query; required by a service that owns a database. */
export function postgresDependency(pool: pg.Pool): Dependency {
  return { name: 'postgres', required: true, check: () => pool.query('SELECT 1') }
}

/** Redis. While it is away, too old or nearly full, a service is degraded; down if `required`. */
export function redisDependency(redis: RedisLink, { required = false } = {}): Dependency {
  const check = async () => {
    await redis.commands.ping()
    if (redis.server.fault !== undefined) return false
    return redis.server.memory?.isTight ? 'degraded' : 'up'
  }
  return { name: 'redis', required, check }
}
