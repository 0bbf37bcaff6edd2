import { fork } from 'node:child_process'
import { once } from 'node:events'
import { constants, setPriority } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuByPart } from '../process-usage.ts'
import { reportFigure, reportMachine, reportTitle } from '../report.ts'
import { startServer } from '../start-server.ts'
import { endRequests } from './device-link.ts'
import type { TrafficPlan, TrafficRecord } from './other-traffic.ts'
import { prepareStorm } from './prepare-storm.ts'
import { calmMs, reportStorm, toilOf, watchConnections } from './report-storm.ts'
import type { StormDevice } from './storm-device.ts'

export interface StormOptions {
  sockets: number
  /** Sends a second by others, and as many reads. */
  rate: number
}

const nodes = 2
const patienceMs = 180_000
const settleMs = 2000

/**
 * Has every realtime node die under `sockets` sockets, and measures how they come back and what
 * that costs everyone else. Answers the exit code: 1 when a bar is missed.
 */
export async function measureStorm({ sockets, rate }: StormOptions): Promise<number> {
  await using server = await startServer({ nodes, pins: false, settings: ownSettings() })
  reportMachine(server.pinned)
  reportTitle(`${sockets} people, ${nodes} nodes of each service`)
  const { devices, writers, pool } = await prepareStorm(server, sockets)
  await using _ = pool
  await untilSynced(devices)
  const before = toilOf(devices)
  reportFigure('all connected and synced', `after ${before.tries} tries`)
  await using watch = await watchConnections(pool)
  const traffic = forkTraffic({ url: server.url, writers, perSecond: rate })
  await sleep(calmMs)

  // Thousands of clients are other machines in life: here they leave the cores to the servers
  // first.
  setPriority(constants.priority.PRIORITY_LOW)
  const lag = monitorEventLoopDelay({ resolution: 20 })
  lag.enable()
  const cpuBefore = cpuByPart(server.pid)
  const loadBefore = process.cpuUsage()
  const killedAt = performance.now()
  server.killRealtime()
  await sleep(settleMs)
  await untilSynced(devices)
  const endedAt = performance.now()
  const cpuAfter = cpuByPart(server.pid)
  const load = process.cpuUsage(loadBefore)
  lag.disable()
  await sleep(settleMs)
  const record = await traffic.stop()
  await sleep(settleMs)

  reportTitle(`Both realtime nodes killed under ${sockets} sockets`)
  const isFine = reportStorm({
    devices,
    before,
    killedAt,
    endedAt,
    traffic: record,
    connections: watch,
    cpu: { before: cpuBefore, after: cpuAfter, load: (load.user + load.system) / 1e6 },
    lagMs: lag.percentile(99) / 1e6,
  })
  for (const device of devices) device.stop()
  endRequests()
  return isFine ? 0 : 1
}

/**
 * How many connections a node takes up is part of what is measured: its own default, unless the
 * environment says otherwise.
 */
function ownSettings(): Record<string, string> {
  const perSecond = process.env['CONNECTIONS_PER_SECOND']
  return perSecond ? { CONNECTIONS_PER_SECOND: perSecond } : {}
}

async function untilSynced(devices: readonly StormDevice[]): Promise<void> {
  const missing = () => devices.filter(({ syncedAt }) => syncedAt === 0).length
  const deadline = performance.now() + patienceMs
  while (missing() > 0 && performance.now() < deadline) await sleep(50)
  if (missing() > 0) throw new Error(`${missing()} devices did not come back`)
}

/** Starts the other traffic in its own process; `stop` ends it and tells what came of it. */
function forkTraffic(plan: TrafficPlan): { stop(): Promise<TrafficRecord> } {
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
