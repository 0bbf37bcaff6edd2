import { expect, test } from 'vitest'
import { createTokenBuckets } from './token-buckets.ts'

function open({ mostKeys = 100 } = {}) {
  const clock = { now: 1_000 }
  const buckets = createTokenBuckets({ burst: 3, perSecond: 2, mostKeys, now: () => clock.now })
  const taken = (key: string, tries: number) =>
    Array.from({ length: tries }, () => buckets.take(key)).filter((wait) => wait === null).length
  return { buckets, clock, taken }
}

test('a key has its burst and then its rate, whatever other keys do', () => {
  const { buckets, clock, taken } = open()
  expect([taken('a', 9), taken('b', 2)]).toEqual([3, 2])
  expect(buckets.take('a')).toBe(500)
  clock.now += 1_000
  expect([taken('a', 9), taken('b', 9)]).toEqual([2, 3])
})

test('tokens that are given back can be taken again, up to the burst', () => {
  const { buckets, taken } = open()
  taken('a', 3)
  buckets.giveBack('a')
  expect(taken('a', 9)).toBe(1)
  buckets.giveBack('b')
  buckets.giveBack('a', 50)
  expect([taken('a', 9), taken('b', 9)]).toEqual([3, 3])
})

test('a key in debt finds no token until it is paid', () => {
  const { buckets, clock, taken } = open()
  buckets.spend('a', 9)
  expect([buckets.take('a', 0), buckets.take('b', 0)]).toEqual([3_000, null])
  clock.now += 3_000
  expect(buckets.take('a', 0)).toBe(null)
  clock.now += 500
  expect(taken('a', 9)).toBe(1)
})

test('full buckets are forgotten, and at most the given number of keys is kept', () => {
  const { buckets, clock, taken } = open({ mostKeys: 10 })
  for (let n = 0; n < 50; n += 1) taken(`key ${n}`, 1)
  expect(buckets.size).toBe(10)
  for (let n = 0; n < 10; n += 1) {
    clock.now += 60_000
    taken('a', 1)
  }
  expect(buckets.size).toBeLessThan(5)
})
