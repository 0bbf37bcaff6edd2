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

test('each who is turned away is told another moment, one after the other, at somewhat less than the rate', () => {
  const told = open()
    .askMany(1025)
    .filter((answer) => answer !== null)
  expect(told).toHaveLength(1000)
  expect(new Set(told).size).toBe(1000)
  expect(told.at(-1)).toBeCloseTo(13_583, -2)
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
