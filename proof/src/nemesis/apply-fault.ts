import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from '../cluster/cluster.ts'
import type { Fault } from './fault.ts'
import { flushRedis } from './fault-kinds.ts'

/**
 * Makes a fault happen and resolves when it is over: undone, or what was killed serves again. An
 * abort ends it early.
 */
export async function applyFault(cluster: Cluster, fault: Fault, signal?: AbortSignal): Promise<void> {
  switch (fault.kind) {
    case 'kill':
      await cluster.kill(fault.target, fault.signal)
      return cluster.ready(fault.target)
    case 'freeze':
      cluster.freeze(fault.target)
      await pause(fault.forMs, signal)
      return cluster.thaw(fault.target)
    case 'flush-redis':
      return flushRedis(cluster.redisUrl)
    case 'fail-over-redis':
      return cluster.failOverRedis(fault.lagMs)
    case 'cut':
      return cluster.links[fault.link].cut()
    case 'disturb':
      cluster.links[fault.link].disturb(fault.disturbance)
      await pause(fault.forMs, signal)
      return cluster.links[fault.link].heal()
  }
}

const pause = (ms: number, signal: AbortSignal | undefined) =>
  sleep(ms, undefined, signal ? { signal } : {}).catch(() => {})
