import { randomUUID } from 'node:crypto'
import type { Device } from '../devices/device.ts'

/** A UUIDv7 of the device's own time, however wrong that is. The client's own ids ascend over all devices of this process and cannot fall back. */
export function makeMessageId({ clock }: Device): string {
  const time = Math.max(
    0,
    clock.run(() => Date.now()),
  )
    .toString(16)
    .padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`
}
