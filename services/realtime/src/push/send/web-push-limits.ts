import { fullJitter } from '@finnigram/service-kit'

/** Most notifications of one person to browsers in flight. */
const atOnce = 8
/** Delay of the others, in milliseconds. */
const putOffMs = 1000

/**
 * Bulkhead and circuit breaker for each person: fifty hanging hosts of one person delay nobody
 * else.
 */
export function createPersonLimits() {
  const breakers = createCircuitBreakers()
  const underWay = new Map<string, number>()
  return {
    /** Milliseconds until the next attempt for a person; undefined for at once. */
    openForMs: (userId: string): number | undefined =>
      breakers.openForMs(userId) ?? ((underWay.get(userId) ?? 0) < atOnce ? undefined : putOffMs),
    begin(userId: string): void {
      underWay.set(userId, (underWay.get(userId) ?? 0) + 1)
    },
    end(userId: string, isWell: boolean, startedAt: number): void {
      const left = (underWay.get(userId) ?? 1) - 1
      if (left > 0) underWay.set(userId, left)
      else underWay.delete(userId)
      breakers.record(userId, isWell, startedAt)
    },
  }
}

/** Failures in a row that open the circuit. */
const patience = 5
const longestMs = 60_000
/** Most hosts in memory. */
const most = 1000

/**
 * A circuit breaker for each push service, so that a hanging one does not delay the others. A short
 * outage fails everything in flight at once: that counts as one failure once the circuit is open,
 * so it stays open for about a second, and longer only as attempts after that fail, too.
 */
export function createCircuitBreakers() {
  const hosts = new Map<string, { failures: number; until: number }>()
  return {
    /** Milliseconds for which the circuit of a host stays open; undefined when it is closed. */
    openForMs(host: string): number | undefined {
      const rest = (hosts.get(host)?.until ?? 0) - performance.now()
      return rest > 0 ? rest : undefined
    },
    /** `startedAt`: when the attempt began, by `performance.now()`. */
    record(host: string, isWell: boolean, startedAt: number): void {
      if (isWell) {
        hosts.delete(host)
        return
      }
      const known = hosts.get(host)
      // It began before the circuit opened, or closed again: the failure is the one that is known.
      if (known && known.failures >= patience && startedAt < known.until) return
      const failures = (known?.failures ?? 0) + 1
      const rest =
        failures < patience ? 0 : 1000 + fullJitter(failures - patience, { baseMs: 1000, maxMs: longestMs })
      if (hosts.size >= most && !hosts.has(host)) hosts.clear()
      hosts.set(host, { failures, until: performance.now() + rest })
    },
  }
}
