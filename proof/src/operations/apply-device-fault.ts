import { setTimeout as sleep } from 'node:timers/promises'
import type { Device } from '../devices/device.ts'
import type { Trouble } from '../generator/plan.ts'
import type { World } from './operation.ts'

type Begin = (device: Device, trouble: Trouble) => undefined | (() => unknown)

/** What each trouble does, and what ends it. */
const troubles: Record<Trouble['kind'], Begin> = {
  kill(device) {
    device.kill()
    return () => device.switchOn()
  },
  cut(device) {
    device.cut()
    return undefined
  },
  offline(device) {
    device.loseNetwork({ knows: true })
    return () => device.findNetwork()
  },
  unnoticed(device) {
    device.loseNetwork({ knows: false })
    return () => device.findNetwork()
  },
  background(device) {
    device.setForeground(false)
    return () => device.setForeground(true)
  },
  shuffle(device) {
    device.setShuffles(true)
    return () => device.setShuffles(false)
  },
  clock(device, { skewMs }) {
    device.clock.skewMs += skewMs
    return undefined
  },
}

/** Troubles one device and, after its time, makes it well again. One that is left off stays off until somebody switches it on. */
export async function troubleDevice({ devices, signal }: World, trouble: Trouble): Promise<void> {
  const device = devices[trouble.device]
  if (!device) return
  const end = troubles[trouble.kind](device, trouble)
  if (!end || trouble.forMs === Number.MAX_SAFE_INTEGER) return
  await sleep(trouble.forMs, undefined, { signal }).catch(() => undefined)
  await end()
}
