import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from '../cluster/cluster.ts'
import { applyFault } from './apply-fault.ts'
import { type Fault, nameFault, type ScheduledFault } from './fault.ts'

/** What was done, and when, in milliseconds of the clock given; `to` is when it was over. */
export interface FaultRecord {
  name: string
  fault: Fault
  from: number
  to: number | null
  /** Why it could not be carried out or undone. */
  error?: string
}

export interface FaultRun {
  schedule: readonly ScheduledFault[]
  /** Milliseconds since the run began; the schedule's times are of this clock. */
  now: () => number
  /** Ends what goes on and begins nothing more. */
  signal?: AbortSignal
  /** Told when a fault begins, and again when it is over. */
  onChange?: (record: Readonly<FaultRecord>) => void
}

/**
 * Carries a schedule out, each fault at its time; resolves with the log once the last one is over.
 * What cannot be carried out stands in the log.
 */
export async function runFaults(cluster: Cluster, run: FaultRun): Promise<FaultRecord[]> {
  const { schedule, now, signal, onChange = () => {} } = run
  const log: FaultRecord[] = []
  const befall = async (fault: Fault) => {
    const record: FaultRecord = { name: nameFault(fault), fault, from: now(), to: null }
    log.push(record)
    onChange(record)
    try {
      await applyFault(cluster, fault, signal)
    } catch (error) {
      record.error = error instanceof Error ? error.message : String(error)
    }
    record.to = now()
    onChange(record)
  }
  const underWay: Promise<void>[] = []
  for (const { atMs, fault } of schedule) {
    await sleep(Math.max(0, atMs - now()), undefined, signal ? { signal } : {}).catch(() => {})
    if (signal?.aborted) break
    underWay.push(befall(fault))
  }
  await Promise.all(underWay)
  return log
}
