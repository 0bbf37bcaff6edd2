import type { Device, DevicePerson } from '../devices/device.ts'
import type { RunClock } from '../devices/run-clock.ts'
import type { Change, WrittenText } from '../evidence/evidence.ts'
import type { Plan } from '../plan/plan.ts'

/** A run as it is: what was planned, and what has become of it. */
export interface World {
  plan: Plan
  now: RunClock
  people: DevicePerson[]
  devices: Device[]
  /** By their numbers in the plan; undefined while one is not made yet. */
  conversations: (string | undefined)[]
  /** Codes by which one joins, by the number of the group. */
  invites: Map<number, string>
  changes: Change[]
  texts: WrittenText[]
  /** Calls under way. */
  pending: Set<Promise<unknown>>
  /** Aborted when people stop doing things. */
  signal: AbortSignal
}
