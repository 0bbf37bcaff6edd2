import { setTimeout as sleep } from 'node:timers/promises'
import type { Device } from '../devices/device.ts'
import type { DeviceFault } from '../generator/plan.ts'
import type { Environment } from './operation.ts'

type Begin = (device: Device, deviceFault: DeviceFault) => undefined | (() => unknown)

/** What each fault of a device does, and what ends it. */
const deviceFaults: Record<DeviceFault['kind'], Begin> = {
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

/**
 * Troubles one device and, after its time, makes it well again. One that is left off stays off
 * until somebody switches it on.
 */
export async function applyDeviceFault(
  { devices, signal }: Environment,
  deviceFault: DeviceFault,
): Promise<void> {
  const device = devices[deviceFault.device]
  if (!device) return
  const end = deviceFaults[deviceFault.kind](device, deviceFault)
  if (!end || deviceFault.forMs === Number.MAX_SAFE_INTEGER) return
  await sleep(deviceFault.forMs, undefined, { signal }).catch(() => undefined)
  await end()
}
