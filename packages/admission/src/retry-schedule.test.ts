import { expect, test } from 'vitest'
import { createRetrySchedule } from './retry-schedule.ts'

function open({ perSecond = 100, soonestMs = 250, longestMs = 30_000 } = {}) {
  const clock = { now: 1_000_000 }
  const options = { perSecond: () => perSecond, soonestMs, longestMs, now: () => clock.now }
  const nextRetryMs = createRetrySchedule(options)
  return { clock, take: (count: number) => Array.from({ length: count }, nextRetryMs) }
}

test('clients that are refused at once get slots one after the other, at the rate', () => {
  const waits = open().take(1000)
  expect(new Set(waits).size).toBe(1000)
  expect(waits.at(0)).toBe(260)
  expect(waits.at(-1)).toBe(10_250)
})

test('slots that have passed are not given out again; a later refusal starts anew', () => {
  const { clock, take } = open()
  take(1000)
  clock.now += 5000
  expect(take(1)).toEqual([5260])
  clock.now += 60_000
  expect(take(2)).toEqual([260, 270])
})

test('no wait is longer than the longest, and past it they still differ', () => {
  const late = open({ perSecond: 10 }).take(5000).slice(500)
  expect(Math.max(...late)).toBeLessThanOrEqual(30_000)
  expect(Math.max(...late) - Math.min(...late)).toBeGreaterThan(10_000)
})
