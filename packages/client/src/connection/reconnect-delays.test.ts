import { longestRetryAfterMs } from '@finnigram/contracts'
import { expect, test } from 'vitest'
import { usualTiming } from '../timing.ts'
import { delayAfterEnd, delayAfterFailure } from './reconnect-delays.ts'

const nothingSaid = { retryAfterMs: null, comebackWithinMs: null }
const manyTimes = (delay: () => number) => Array.from({ length: 500 }, delay)

test('the first try after a lost link is spread over the reconnect window', () => {
  const delays = manyTimes(() => delayAfterEnd(0, nothingSaid, usualTiming))
  expect(Math.max(...delays)).toBeLessThanOrEqual(usualTiming.firstTryMs)
  expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(usualTiming.firstTryMs / 2)
})

test('the server knows best over what time, within reason', () => {
  const longest = (comebackWithinMs: number) =>
    Math.max(...manyTimes(() => delayAfterEnd(0, { ...nothingSaid, comebackWithinMs }, usualTiming)))
  expect(longest(500)).toBeLessThanOrEqual(500)
  expect(longest(20_000)).toBeGreaterThan(10_000)
  expect(longest(1e9)).toBeLessThanOrEqual(longestRetryAfterMs)
})

test('no client of the reconnect window comes before a node can have started again', () => {
  const delays = manyTimes(() => delayAfterEnd(0, { ...nothingSaid, comebackWithinMs: 50_000 }, usualTiming))
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(2_500)
})

test('links that do not live long are followed by growing waits', () => {
  const longest = (failures: number) =>
    Math.max(...manyTimes(() => delayAfterEnd(failures, nothingSaid, usualTiming)))
  expect(longest(20)).toBeGreaterThan(longest(1) * 4)
  expect(longest(40)).toBeLessThanOrEqual(usualTiming.retryMaxMs)
})

test('a client with a Retry-After comes then, not earlier and hardly later', () => {
  const delaysAfter = [
    () => delayAfterEnd(9, { ...nothingSaid, retryAfterMs: 5000 }, usualTiming),
    () => delayAfterFailure(9, 5000, usualTiming),
  ]
  for (const delayAfter of delaysAfter) {
    const delays = manyTimes(delayAfter)
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(5000)
    expect(Math.max(...delays)).toBeLessThanOrEqual(5000 + usualTiming.firstTryMs)
  }
})

test('a failed try is followed by a wait of any length up to the bound of its attempt', () => {
  const delays = manyTimes(() => delayAfterFailure(3, null, usualTiming))
  expect(Math.min(...delays)).toBeLessThan(1000)
  expect(Math.max(...delays)).toBeGreaterThan(3000)
  expect(Math.max(...delays)).toBeLessThanOrEqual(4000)
})

test('a client that cannot reach the server tries every few seconds, and less often after half a minute', () => {
  const longest = (failures: number) =>
    Math.max(...manyTimes(() => delayAfterFailure(failures, null, usualTiming)))
  expect(longest(11)).toBeLessThanOrEqual(5000)
  expect(longest(12)).toBeGreaterThan(10_000)
})
