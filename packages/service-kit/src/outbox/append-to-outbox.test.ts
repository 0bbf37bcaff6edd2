import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { partitionOf } from './append-to-outbox.ts'

test('a key always falls into the same partition, in every version of this code', () => {
  expect(partitionOf('0198f0a0-0000-7000-8000-000000000001', 8)).toBe(6)
  expect(['a', 'b', 'c', 'd'].map((key) => partitionOf(key, 8))).toEqual([3, 1, 7, 4])
})

test('keys spread evenly', () => {
  const counts = new Array<number>(8).fill(0)
  for (let i = 0; i < 8000; i += 1) {
    const place = partitionOf(randomUUID(), 8)
    counts[place] = (counts[place] ?? 0) + 1
  }
  for (const count of counts) expect(count).toBeGreaterThan(800)
})
