import type { Client } from '@finnigram/client'
import type { Device, DevicePerson } from '../devices/device.ts'
import type { RunClock } from '../devices/run-clock.ts'
import type { Action, Plan } from '../generator/plan.ts'
import type { Change, WrittenText } from '../history/history.ts'

/** What an action needs at hand. */
export interface Operation {
  environment: Environment
  action: Action
  device: Device
  client: Client
  conversationId: string
  text: string
}
export type Performer = (operation: Operation) => Promise<void> | void

/** One of them, by a number from 0 to 1. */
export const pickFrom = <T>(items: readonly T[], pick: number): T | undefined =>
  items[Math.floor(pick * items.length)]

/** A run as it is: what was planned, and what has become of it. */
export interface Environment {
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
