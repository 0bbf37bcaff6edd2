import type { Moment } from '../history/history.ts'

/**
 * Everything that a run decides, made from its seed before it begins: the same seed, the same plan.
 * People, devices and conversations go by their numbers.
 */
export interface Plan {
  people: string[]
  devices: PlannedDevice[]
  conversations: PlannedConversation[]
  actions: Action[]
  deviceFaults: DeviceFault[]
}

export interface PlannedDevice {
  person: number
  skewMs: number
  push: 'webpush' | 'expo' | null
}

/**
 * `members` begin with the owner. Those after the first ones are made while the run is under way.
 */
export interface PlannedConversation {
  kind: 'group' | 'direct'
  members: number[]
  sharesHistory: boolean
  /** Whether its owner wants no notifications of it. */
  isSilent: boolean
}

export const actionKinds = [
  'send',
  'reply',
  'mention',
  'forward',
  'call',
  'batch',
  'edit',
  'delete',
  'react',
  'unreact',
  'pin',
  'unpin',
  'open',
  'read',
  'type',
  'draft',
  'settings',
  'add',
  'remove',
  'leave',
  'join',
  'role',
  'rename',
  'create',
] as const
export type ActionKind = (typeof actionKinds)[number]

/**
 * What somebody does on a device. What it is done to among messages is decided by `pick` once it is
 * seen which there are.
 */
export interface Action {
  at: Moment
  kind: ActionKind
  device: number
  conversation: number
  /** The other person, where there is one. */
  person: number
  /** From 0 to 1. */
  pick: number
  /** Of the text that is written, if one is. */
  number: number
}

/** What happens to a device. */
export interface DeviceFault {
  at: Moment
  device: number
  kind: 'kill' | 'cut' | 'offline' | 'unnoticed' | 'background' | 'shuffle' | 'clock'
  forMs: number
  /** The clock, from then on. */
  skewMs: number
}

export interface PlanOptions {
  seed: number
  seconds: number
  people: number
  /** Sends a second, about. */
  rate: number
}
