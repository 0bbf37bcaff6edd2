import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from '../cluster/cluster.ts'
import { nameFault, type ScheduledFault } from '../nemesis/fault.ts'
import { type FaultRecord, runFaults } from '../nemesis/run-faults.ts'
import type { Environment } from '../operations/operation.ts'
import { runPlan } from '../operations/run-plan.ts'
import { say } from './show-progress.ts'
import { type CatchUp, measureCatchUp } from './watch-catch-up.ts'

export interface Played {
  faults: FaultRecord[]
  catchUps: CatchUp[]
  /** What went wrong in the harness itself. */
  errors: string[]
}

const mostCatchUpMs = 60_000

/** Says what will befall servers, and when. */
export function saySchedule(schedule: readonly ScheduledFault[]): void {
  say(`The schedule has ${schedule.length} faults:`)
  for (const { atMs, fault } of schedule) say(`${seconds(atMs)}  ${nameFault(fault)}`)
}

/**
 * Plays what people do and what befalls servers at the same time, and measures after each fault how
 * long it takes until all is everywhere.
 */
export async function runWorkload(
  environment: Environment,
  { cluster, schedule }: { cluster: Cluster; schedule: readonly ScheduledFault[] },
): Promise<Played> {
  const { now } = environment
  const errors: string[] = []
  const measuring: Promise<CatchUp>[] = []
  const onChange = ({ name, from, to, error }: Readonly<FaultRecord>) => {
    if (to === null) return say(`${seconds(from)}  ${name}`)
    if (error) errors.push(`${name}: ${error}`)
    const options = { name, databaseUrl: cluster.messagesDatabase, mostMs: mostCatchUpMs }
    const measured = measureCatchUp(environment, options)
    measuring.push(measured)
    measured.then(
      ({ ms }) => say(`${seconds(now())}  everyone has everything ${ms ?? 'not'} ms after ${name}`),
      (error) => errors.push(`Measuring ${name}: ${error}`),
    )
  }
  const faults = runFaults(cluster, { schedule, now, onChange })
  await runPlan(environment, (error) => errors.push(String(error)))
  const log = await faults
  await Promise.race([Promise.all(measuring), sleep(mostCatchUpMs)])
  return { faults: log, catchUps: await Promise.all(measuring), errors }
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1).padStart(6)} s`
