import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { TrafficPlan, TrafficRecord } from './other-traffic.ts'

/** Starts the other traffic in its own process; `stop` ends it and tells what came of it. */
export function forkTraffic(plan: TrafficPlan): { stop(): Promise<TrafficRecord> } {
  const child = fork(new URL('./traffic-process.ts', import.meta.url))
  child.send(plan)
  return {
    async stop() {
      child.send('stop')
      const [record] = (await once(child, 'message')) as [TrafficRecord]
      return record
    },
  }
}
