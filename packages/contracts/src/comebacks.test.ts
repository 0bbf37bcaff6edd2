import { expect, test } from 'vitest'
import { createComebacks } from './comebacks.ts'

function open({ perSecond = 100, soonestMs = 250, longestMs = 30_000 } = {}) {
  const clock = { now: 1_000_000 }
  const take = createComebacks({ perSecond: () => perSecond, soonestMs, longestMs, now: () => clock.now })
  return { clock, take: (count: number) => Array.from({ length: count }, take) }
}

test('each of those refused at once is told another moment, one after the other at the rate', () => {
  const told = open().take(1000)
  expect(new Set(told).size).toBe(1000)
  expect(told.at(0)).toBe(260)
  expect(told.at(-1)).toBe(10_250)
})

test('moments that have passed are nobody’s; whoever is refused later starts anew', () => {
  const { clock, take } = open()
  take(1000)
  clock.now += 5000
  expect(take(1)).toEqual([5260])
  clock.now += 60_000
  expect(take(2)).toEqual([260, 270])
})

test('nobody is told to stay away for longer than the longest, nor are all told the same', () => {
  const late = open({ perSecond: 10 }).take(5000).slice(500)
  expect(Math.max(...late)).toBeLessThanOrEqual(30_000)
  expect(Math.max(...late) - Math.min(...late)).toBeGreaterThan(10_000)
})
