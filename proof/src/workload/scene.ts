import type { Client } from '@finnigram/client'
import type { Device } from '../devices/device.ts'
import type { Action } from '../plan/plan.ts'
import type { World } from './world.ts'

/** What an action needs at hand. */
export interface Scene {
  world: World
  action: Action
  device: Device
  client: Client
  conversationId: string
  text: string
}
export type Performer = (scene: Scene) => Promise<void> | void

/** One of them, by a number from 0 to 1. */
export const pickFrom = <T>(items: readonly T[], pick: number): T | undefined =>
  items[Math.floor(pick * items.length)]
