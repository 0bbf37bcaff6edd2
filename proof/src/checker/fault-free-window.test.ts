import { expect, test } from 'vitest'
import { createFaultFreeWindows } from './fault-free-window.ts'

test('a time is free of faults when no fault touches it', () => {
  const { isFaultFree: isQuiet } = createFaultFreeWindows([{ from: 100, to: 200 }])
  expect(isQuiet({ from: 0, to: 99 })).toBe(true)
  expect(isQuiet({ from: 150, to: 160 })).toBe(false)
  expect(isQuiet({ from: 50, to: 300 })).toBe(false)
  expect(isQuiet({ from: 201, to: 300 })).toBe(true)
})

test('a decision is due once nothing was wrong for a while, whatever follows upon what', () => {
  const { faultFreeFrom: quietFrom } = createFaultFreeWindows([
    { from: 100, to: 200 },
    { from: 210, to: 300 },
    { from: 1_000, to: null },
  ])
  expect(quietFrom(20, 30)).toBe(50)
  expect(quietFrom(90, 30)).toBeCloseTo(330.1)
  expect(quietFrom(980, 30)).toBe(Number.POSITIVE_INFINITY)
})
