import { fullJitter } from '@finnigram/service-kit'

/** Notifications of one person that may be on their way to browsers at once. */
const atOnce = 8
/** How long the others are put off, in milliseconds. */
const putOffMs = 1000

/** How much of what a node can do at once one person gets: who names fifty hosts that hang keeps nobody else waiting. */
export function createPersonLimits() {
  const breakers = createCircuitBreakers()
  const underWay = new Map<string, number>()
  return {
    /** Milliseconds that a person's browsers are to be left alone; undefined when they are not. */
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

/** Failures in a row after which a host is left alone for a while. */
const patience = 5
const longestMs = 60_000
/** Hosts that are remembered. */
const most = 1000

/** Which push services are left alone for a moment, so that one that hangs does not keep the others' notifications waiting. */
export function createCircuitBreakers() {
  const hosts = new Map<string, { failures: number; until: number }>()
  return {
    /** Milliseconds that a host is still to be left alone; undefined when it is not. */
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
