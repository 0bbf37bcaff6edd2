import { setTimeout as sleep } from 'node:timers/promises'
import type { Device } from '../devices/device.ts'
import type { Environment } from '../operations/operation.ts'
import { type CatchUp, measureCatchUp } from './watch-catch-up.ts'

/** Nothing was written on any device for this long: all is told, in milliseconds. */
const silenceMs = 1_200
const mostMs = 45_000

/** Waits until the calls under way are answered and nobody writes anything any more. */
export async function untilSilent({ devices, now, pending }: Environment): Promise<void> {
  const from = now()
  const isSilent = () => {
    const last = Math.max(...devices.map(({ recorder }) => recorder.lastWrittenAt))
    return pending.size === 0 && now() - last > silenceMs && devices.every(isAtRest)
  }
  while (!isSilent() && now() - from < mostMs) await sleep(50)
}

/**
 * Switches everything on, has every device connect and sync once more, and waits until each of them
 * has everything.
 */
export async function quiesce(environment: Environment, databaseUrl: string): Promise<CatchUp> {
  for (const device of environment.devices) {
    await device.switchOn()
    device.setShuffles(false)
    device.findNetwork()
    device.setForeground(true)
    device.cut()
  }
  await untilSilent(environment)
  const caughtUp = await measureCatchUp(environment, { name: 'the last sync', databaseUrl, mostMs })
  await untilSilent(environment)
  return caughtUp
}

const isAtRest = ({ client, isCaughtUp, recorder }: Device): boolean =>
  !client || (isCaughtUp && recorder.waiting === 0 && !recorder.hasUntoldReads)
