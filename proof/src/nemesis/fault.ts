import { type Disturbance, type LinkName, nameOf, type Target } from '../cluster/cluster.ts'

/** Something that goes wrong, as plain data: the same fault can be carried out again. */
export type Fault =
  | { kind: 'kill'; target: Target; signal: NodeJS.Signals }
  | { kind: 'freeze'; target: Target; forMs: number }
  | { kind: 'flush-redis' }
  | { kind: 'fail-over-redis'; lagMs: number }
  | { kind: 'cut'; link: LinkName }
  | { kind: 'disturb'; link: LinkName; disturbance: Disturbance; forMs: number }

/** A fault with its time. */
export interface ScheduledFault {
  /** Milliseconds since the schedule began. */
  atMs: number
  fault: Fault
}

/**
 * How a fault reads in a report: `SIGKILL redis`, `delay of 120 ms on messages-postgres for 3.0 s`.
 */
export function nameFault(fault: Fault): string {
  switch (fault.kind) {
    case 'kill':
      return `${fault.signal} ${nameOf(fault.target)}`
    case 'freeze':
      return `SIGSTOP ${nameOf(fault.target)} for ${seconds(fault.forMs)}`
    case 'flush-redis':
      return 'FLUSHALL redis'
    case 'fail-over-redis':
      return `failover of redis that loses ${seconds(fault.lagMs)}`
    case 'cut':
      return `cut ${fault.link}`
    case 'disturb':
      return `${describe(fault.disturbance)} on ${fault.link} for ${seconds(fault.forMs)}`
  }
}

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`

function describe(disturbance: Disturbance): string {
  const { delayMs, sliceBytes, bytesPerSecond, isSilent, losesAnswers, isClosed } = disturbance
  const parts = [
    delayMs && `delay of ${delayMs} ms`,
    sliceBytes && `slices of ${sliceBytes} bytes`,
    bytesPerSecond && `${Math.round(bytesPerSecond / 1_000)} kB/s`,
    isSilent && 'silence',
    losesAnswers && 'lost answers',
    isClosed && 'refusal',
  ]
  return parts.filter(Boolean).join(', ')
}
