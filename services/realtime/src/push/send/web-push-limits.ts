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
    end(userId: string, isWell: boolean): void {
      const left = (underWay.get(userId) ?? 1) - 1
      if (left > 0) underWay.set(userId, left)
      else underWay.delete(userId)
      breakers.record(userId, isWell)
    },
  }
}

/** Failures in a row that open the circuit. */
const patience = 5
const longestMs = 60_000
/** Most hosts in memory. */
const most = 1000

/** A circuit breaker for each push service, so that a hanging one does not delay the others. */
export function createCircuitBreakers() {
  const hosts = new Map<string, { failures: number; until: number }>()
  return {
    /** Milliseconds for which the circuit of a host stays open; undefined when it is closed. */
    openForMs(host: string): number | undefined {
      const rest = (hosts.get(host)?.until ?? 0) - performance.now()
      return rest > 0 ? rest : undefined
    },
    record(host: string, isWell: boolean): void {
      if (isWell) {
        hosts.delete(host)
        return
      }
      const failures = (hosts.get(host)?.failures ?? 0) + 1
      const rest =
        failures < patience ? 0 : 1000 + fullJitter(failures - patience, { baseMs: 1000, maxMs: longestMs })
      if (hosts.size >= most && !hosts.has(host)) hosts.clear()
      hosts.set(host, { failures, until: performance.now() + rest })
    },
  }
}
