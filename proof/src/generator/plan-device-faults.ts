import type { DeviceFault, Plan, PlanOptions } from './plan.ts'
import { createRandom } from './random.ts'

const hourMs = 3_600_000
const jumps = [-hourMs, hourMs, -3 * 24 * hourMs, 0]

/**
 * How often each happens to some device, and for how long at least and at most, in milliseconds.
 */
const kinds = [
  { kind: 'kill', weight: 4, least: 300, most: 9_000 },
  { kind: 'cut', weight: 4, least: 0, most: 0 },
  { kind: 'offline', weight: 3, least: 1_000, most: 12_000 },
  { kind: 'unnoticed', weight: 3, least: 1_000, most: 12_000 },
  { kind: 'background', weight: 2, least: 1_000, most: 6_000 },
  { kind: 'shuffle', weight: 4, least: 3_000, most: 15_000 },
  { kind: 'clock', weight: 1, least: 0, most: 0 },
] as const

/** One in eight devices is left off from before the end until every notification is due. */
const leftOffShare = 8

/**
 * What happens to devices, one fault about every three quarters of a second among forty of them,
 * none of them twice at once.
 */
export function planDeviceFaults({
  seed,
  seconds,
  devices,
}: PlanOptions & Pick<Plan, 'devices'>): DeviceFault[] {
  const random = createRandom(seed, 'deviceFaults')
  const endMs = seconds * 1000
  const betweenMs = 30_000 / devices.length
  const busyUntil = new Map<number, number>()
  const deviceFaults: DeviceFault[] = []
  const bag = kinds.flatMap((kind) => Array.from({ length: kind.weight }, () => kind))
  for (let at = 1_000; at < endMs; at += random.between(0, 2 * betweenMs)) {
    const device = random.below(devices.length)
    const { kind, least, most } = random.pick(bag) ?? kinds[0]
    const forMs = Math.round(Math.min(random.between(least, most), endMs - at))
    const skewMs = random.pick(jumps) ?? 0
    if ((busyUntil.get(device) ?? 0) > at) continue
    busyUntil.set(device, at + forMs + 1_000)
    deviceFaults.push({ at: Math.round(at), device, kind, forMs, skewMs })
  }
  const lastAt = Math.max(0, endMs - Math.min(10_000, endMs / 3))
  for (let device = seed % leftOffShare; device < devices.length; device += leftOffShare) {
    deviceFaults.push({ at: lastAt, device, kind: 'kill', forMs: Number.MAX_SAFE_INTEGER, skewMs: 0 })
  }
  return deviceFaults.sort((a, b) => a.at - b.at)
}
