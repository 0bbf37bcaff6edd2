import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createDeviceClock, installDeviceClocks } from './device-clock.ts'

const hour = 3_600_000

test('each device lives by its own clock, also after a wait, and everyone else by the right one', async () => {
  using _ = installDeviceClocks()
  const slow = createDeviceClock(-hour)
  const fast = createDeviceClock(hour)
  const read = async () => {
    await sleep(1)
    return [Date.now(), Date.parse(new Date().toISOString())]
  }
  const [[early = 0, earlyDate = 0], [late = 0]] = await Promise.all([slow.run(read), fast.run(read)])
  expect(Math.round((late - early) / hour)).toBe(2)
  expect(Math.round((earlyDate - Date.now()) / hour)).toBe(-1)
  fast.skewMs = 0
  expect(Math.round((fast.run(() => Date.now()) - Date.now()) / hour)).toBe(0)
})

test('a date that is told keeps to what it was told', () => {
  using _ = installDeviceClocks()
  const wrong = createDeviceClock(hour)
  expect(wrong.run(() => new Date(0).toISOString())).toBe('1970-01-01T00:00:00.000Z')
  expect(wrong.run(() => new Date()) instanceof Date).toBe(true)
})
