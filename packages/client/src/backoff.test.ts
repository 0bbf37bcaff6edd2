import { expect, test } from 'vitest'
import { backoffMs } from './backoff.ts'

test('the ceiling doubles from half a second to thirty', () => {
  const ceilings = [0, 1, 2, 3, 6, 7, 1000].map((attempt) => backoffMs(attempt, undefined, () => 1))
  expect(ceilings).toEqual([500, 1000, 2000, 4000, 30_000, 30_000, 30_000])
})

test('the jitter is full: from nothing to the ceiling', () => {
  expect(backoffMs(3, undefined, () => 0)).toBe(0)
  expect(backoffMs(3, { baseMs: 10, maxMs: 50 }, () => 0.5)).toBe(25)
})
