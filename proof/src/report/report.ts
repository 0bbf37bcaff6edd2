import type { Violation } from '../checker/differences.ts'
import type { FaultRecord } from '../nemesis/run-faults.ts'
import type { ProofOptions } from '../run/read-options.ts'
import type { CatchUp } from '../run/watch-catch-up.ts'
import type { RunMetrics } from './count-metrics.ts'

/** All that is said of a run. */
export interface Report {
  options: ProofOptions
  faults: FaultRecord[]
  catchUps: CatchUp[]
  /** Longest that each node's event loop stood still, in milliseconds. */
  stalls: Record<string, number>
  /** Share of the machine's cores that was at work, from 0 to 1. */
  busy: number
  metrics: RunMetrics
  violations: Violation[]
}

/** The command that plays the same schedule and the same decisions again. */
export function replayCommand({ options }: Report): string {
  const { seed, seconds, people, rate, faults, previous } = options
  const kinds = faults === undefined ? '' : ` --faults ${JSON.stringify(faults.join(',') || 'none')}`
  const version = previous === undefined ? '' : ` --previous ${JSON.stringify(previous)}`
  return `npm run proof -- --seconds ${seconds} --seed ${seed} --people ${people} --rate ${rate}${kinds}${version}`
}
