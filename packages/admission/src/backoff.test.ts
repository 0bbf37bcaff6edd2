import { expect, test } from 'vitest'
import { fullJitter } from './backoff.ts'

test('the wait is anywhere between nothing and a ceiling that doubles up to its limit', () => {
  for (const [attempt, ceiling] of [
    [0, 50],
    [1, 100],
    [3, 400],
    [20, 1000],
    [5000, 1000],
  ] as const) {
    const waits = Array.from({ length: 200 }, () => fullJitter(attempt, { baseMs: 50, maxMs: 1000 }))
    expect(Math.max(...waits)).toBeLessThanOrEqual(ceiling)
    expect(Math.max(...waits)).toBeGreaterThan(ceiling * 0.8)
    expect(Math.min(...waits)).toBeLessThan(ceiling * 0.2)
  }
})
