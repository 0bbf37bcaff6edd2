import { expect, test } from 'vitest'
import { createConnectionAdmission } from './connection-admission.ts'

function open({ perSecond = 100 } = {}) {
  const clock = { now: 1_000_000 }
  const admission = createConnectionAdmission({
    perSecond,
    atOnce: 25,
    soonestMs: 250,
    longestMs: 60_000,
    now: () => clock.now,
  })
  const askMany = (count: number) => Array.from({ length: count }, admission.admit)
  const admitted = (count: number) => askMany(count).filter((answer) => answer === null).length
  return { clock, admission, askMany, admitted }
}

test('a burst is let in at once, then as many as the rate allows', () => {
  const { clock, admitted } = open()
  expect(admitted(500)).toBe(25)
  clock.now += 100
  expect(admitted(500)).toBe(10)
  clock.now += 60_000
  expect(admitted(500)).toBe(25)
})

test('each refused client gets a retry-after of its own, at a little less than the rate', () => {
  const waits = open()
    .askMany(1025)
    .filter((answer) => answer !== null)
  expect(waits).toHaveLength(1000)
  expect(new Set(waits).size).toBe(1000)
  expect(waits.at(-1)).toBeCloseTo(11_361, -2)
})

test('clients that keep their retry-after are all let in', () => {
  const { clock, admission, askMany } = open()
  const start = clock.now
  const retries = askMany(525).flatMap((delay) => (delay === null ? [] : start + delay))
  expect(retries).toHaveLength(500)
  for (const retryAt of retries) {
    clock.now = retryAt
    expect(admission.admit()).toBe(null)
  }
})

test('it starts with the tokens of one second, however large the burst is', () => {
  const { clock, admitted } = open({ perSecond: 10 })
  expect(admitted(500)).toBe(10)
  clock.now += 60_000
  expect(admitted(500)).toBe(25)
})

test('some tokens are reserved for seldom clients while others come without end', () => {
  const { clock, admission, admitted } = open()
  const seldom = (count: number) =>
    Array.from({ length: count }, () => admission.admit({ isSeldom: true })).filter(
      (answer) => answer === null,
    ).length
  expect(admitted(500)).toBe(25)
  expect(seldom(10)).toBe(2)
  clock.now += 1000
  expect(admitted(500)).toBe(25)
  expect(seldom(10)).toBe(2)
  clock.now += 100
  expect(admitted(500)).toBe(10)
  expect(seldom(10)).toBe(1)
})

test('reserved tokens take nothing from a crowd: it is let in as quickly as before', () => {
  const { clock, admission } = open()
  let entered = 0
  for (let ms = 0; ms < 1000; ms += 10) {
    clock.now += 10
    if (admission.admit() === null) entered += 1
  }
  expect(entered).toBeGreaterThanOrEqual(100)
})

test('after a new pace only the rate counts, not the burst', () => {
  const { clock, admission, admitted } = open()
  admission.setRate()
  expect(admitted(500)).toBe(1)
  clock.now += 100
  expect(admitted(500)).toBe(10)
})

test('another pace counts for tokens and for the retry schedule alike', () => {
  const { clock, admission, admitted } = open()
  admission.setRate(10)
  clock.now += 1000
  expect(admitted(11)).toBe(11)
  const retries = [admission.nextRetryMs(), admission.nextRetryMs()]
  expect((retries[1] ?? 0) - (retries[0] ?? 0)).toBeCloseTo(111, -1)
})
