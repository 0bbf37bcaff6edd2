import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, isRefusal } from '@finnigram/client'
import type { Device } from '../devices/device.ts'

/** `unknown`: no answer came before the device died or its person gave up. */
export type Outcome<T> =
  | { state: 'done'; value: T; retried: boolean }
  | { state: 'refused' | 'unknown'; retried: boolean }

const mostTries = 12
const pauseMs = 700

/** Calls the server from a device, as a person does who taps again until it works. */
export async function attempt<T>(device: Device, work: (client: Client) => Promise<T>): Promise<Outcome<T>> {
  const { client } = device
  for (let tries = 1; client && device.client === client; tries += 1) {
    const retried = tries > 1
    try {
      const value = await device.clock.run(() => work(client))
      return device.client === client ? { state: 'done', value, retried } : { state: 'unknown', retried }
    } catch (error) {
      if (isRefusal(error)) return { state: 'refused', retried }
      if (tries === mostTries) return { state: 'unknown', retried }
      await sleep(pauseMs)
    }
  }
  return { state: 'unknown', retried: true }
}
