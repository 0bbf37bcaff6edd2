import { expect, test } from 'vitest'
import { longestCatchUp } from './longest-catch-up.ts'

const fault = (from: number, to: number) => ({
  name: 'cut redis',
  fault: { kind: 'cut', link: 'redis' } as const,
  from,
  to,
})
const caughtUp = (from: number, ms: number | null) => ({ name: 'cut redis', from, ms, behind: [] })

test('a time to catch up counts by itself only when no other fault came meanwhile', () => {
  const faults = [fault(0, 100), fault(400, 500), fault(2_000, 2_100)]
  const catchUps = [caughtUp(100, 900), caughtUp(500, 300), caughtUp(2_100, null)]
  expect(longestCatchUp({ catchUps, faults })).toEqual({ all: 900, alone: 300 })
})
