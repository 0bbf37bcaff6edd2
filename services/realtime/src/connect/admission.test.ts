import { expect, test } from 'vitest'
import { createAdmission } from './admission.ts'

test('while too many are joining nobody is let in, whatever the rate', () => {
  const clock = { now: 1_000_000 }
  const admission = createAdmission({ perSecond: 100, atOnce: 25, mostUnderWay: 2, now: () => clock.now })
  admission.joining()
  admission.joining()
  expect(admission.ask()).toBeGreaterThan(0)
  clock.now += 1000
  expect(admission.ask()).toBeGreaterThan(0)
  admission.joined()
  expect(admission.underWay).toBe(1)
  expect(admission.ask()).toBe(null)
})
