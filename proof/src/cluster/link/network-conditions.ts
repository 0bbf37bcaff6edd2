import type { Disturbance } from '../cluster.ts'

/** What is wrong with a link at this moment, for those who pass bytes over it. */
export interface NetworkConditions {
  readonly now: Readonly<Disturbance>
  /** Whether bytes may pass as they come. */
  readonly isUndisturbed: boolean
  change(disturbance: Disturbance): void
  /**
   * Waits `ms` milliseconds, or for ever when not said, and no longer than until the next change.
   */
  wait(ms?: number): Promise<void>
}

/** Fair conditions, until it is changed. */
export function createNetworkConditions(): NetworkConditions {
  const waiting = new Set<() => void>()
  let now: Disturbance = {}
  return {
    get now() {
      return now
    },
    get isUndisturbed() {
      const { delayMs, sliceBytes, bytesPerSecond, isSilent } = now
      return !delayMs && !sliceBytes && !bytesPerSecond && !isSilent
    },
    change(disturbance) {
      now = { ...disturbance }
      for (const wake of [...waiting]) wake()
    },
    wait: (ms) =>
      new Promise((resolve) => {
        const wake = () => {
          clearTimeout(timer)
          waiting.delete(wake)
          resolve()
        }
        const timer = ms === undefined ? undefined : setTimeout(wake, ms)
        waiting.add(wake)
      }),
  }
}
