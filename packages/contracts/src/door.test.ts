import { expect, test } from 'vitest'
import { createDoor } from './door.ts'

function open({ perSecond = 100 } = {}) {
  const clock = { now: 1_000_000 }
  const door = createDoor({ perSecond, atOnce: 25, soonestMs: 250, longestMs: 60_000, now: () => clock.now })
  const askMany = (count: number) => Array.from({ length: count }, door.ask)
  const admitted = (count: number) => askMany(count).filter((answer) => answer === null).length
  return { clock, door, askMany, admitted }
}

test('so many may come at once, then as many as the rate allows', () => {
  const { clock, admitted } = open()
  expect(admitted(500)).toBe(25)
  clock.now += 100
  expect(admitted(500)).toBe(10)
  clock.now += 60_000
  expect(admitted(500)).toBe(25)
})

test('each who is turned away is told another moment, one after the other, at a little less than the rate', () => {
  const told = open()
    .askMany(1025)
    .filter((answer) => answer !== null)
  expect(told).toHaveLength(1000)
  expect(new Set(told).size).toBe(1000)
  expect(told.at(-1)).toBeCloseTo(11_361, -2)
})

test('those who come back at their moments are all let in', () => {
  const { clock, door, askMany } = open()
  const start = clock.now
  const moments = askMany(525).flatMap((delay) => (delay === null ? [] : start + delay))
  expect(moments).toHaveLength(500)
  for (const moment of moments) {
    clock.now = moment
    expect(door.ask()).toBe(null)
  }
})

test('it begins with the places of a second, however many there are after a quiet time', () => {
  const { clock, admitted } = open({ perSecond: 10 })
  expect(admitted(500)).toBe(10)
  clock.now += 60_000
  expect(admitted(500)).toBe(25)
})

test('a few places are kept for those who come seldom, while others come without end', () => {
  const { clock, door, admitted } = open()
  const seldom = (count: number) =>
    Array.from({ length: count }, () => door.ask({ isSeldom: true })).filter((answer) => answer === null)
      .length
  expect(admitted(500)).toBe(25)
  expect(seldom(10)).toBe(2)
  clock.now += 1000
  expect(admitted(500)).toBe(25)
  expect(seldom(10)).toBe(2)
  clock.now += 100
  expect(admitted(500)).toBe(10)
  expect(seldom(10)).toBe(1)
})

test('places that are kept take none from a crowd: it is let in as quickly as before', () => {
  const { clock, door } = open()
  let entered = 0
  for (let ms = 0; ms < 1000; ms += 10) {
    clock.now += 10
    if (door.ask() === null) entered += 1
  }
  expect(entered).toBeGreaterThanOrEqual(100)
})

test('when many are about to come, only the rate counts', () => {
  const { clock, door, admitted } = open()
  door.pace()
  expect(admitted(500)).toBe(1)
  clock.now += 100
  expect(admitted(500)).toBe(10)
})

test('another pace counts for places and for moments alike', () => {
  const { clock, door, admitted } = open()
  door.pace(10)
  clock.now += 1000
  expect(admitted(11)).toBe(11)
  const moments = [door.refuse(), door.refuse()]
  expect((moments[1] ?? 0) - (moments[0] ?? 0)).toBeCloseTo(111, -1)
})
