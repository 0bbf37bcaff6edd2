import { within } from '../lifecycle/within.ts'

const checkWithinMs = 1000

export interface Dependency {
  name: string
  /** Whether nothing useful can be served without it. */
  required: boolean
  /** Throws or rejects, or answers false, when the dependency is away. */
  check: () => unknown
}

export interface HealthReport {
  status: 'ready' | 'degraded' | 'starting' | 'stopping' | 'unavailable'
  dependencies: Record<string, { state: 'up' | 'down'; required: boolean }>
}

export interface Health {
  /** False until `started()`: routes answer 503 so long. */
  readonly isServing: boolean
  /** True from `started()` on, also while stopping: what start makes is there. */
  readonly hasStarted: boolean
  started(): void
  stopping(): void
  report(): Promise<HealthReport>
}

/** Knows whether a service can serve: it begins as "starting", and is told when what it needs is there. */
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
      const states = await Promise.all(dependencies.map(async (one) => ({ ...one, isUp: await isUp(one) })))
      const down = states.filter(({ isUp }) => !isUp)
      const reached = down.some(({ required }) => required)
        ? 'unavailable'
        : down.length > 0
          ? 'degraded'
          : 'ready'
      return {
        status: phase === 'serving' ? reached : phase,
        dependencies: Object.fromEntries(
          states.map(({ name, required, isUp }) => [name, { state: isUp ? 'up' : 'down', required }]),
        ),
      }
    },
  }
}

async function isUp({ check }: Dependency): Promise<boolean> {
  try {
    const result = Promise.resolve(check())
    return (await within(checkWithinMs, result)) && (await result) !== false
  } catch {
    return false
  }
}
