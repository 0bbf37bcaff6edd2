import { expect, test } from 'vitest'
import { createMetrics } from '../metrics/metrics.ts'
import { createSlotPool } from './slot-pool.ts'

const open = (atOnce: number, mostOfOne: number) => {
  const metrics = createMetrics('test')
  return { metrics, places: createSlotPool({ atOnce, mostOfOne, measured: { name: 'files', metrics } }) }
}
const nothing = () => {}

test('one key holds so many slots at most', () => {
  const { places } = open(10, 2)
  const first = places.take('a', nothing)
  places.take('a', nothing)
  expect(() => places.take('a', nothing)).toThrow(expect.objectContaining({ code: 'rate_limited' }))
  first[Symbol.dispose]()
  first[Symbol.dispose]()
  places.take('a', nothing)
  expect(places.size).toBe(2)
})

test('when all slots are taken, the key with most loses its oldest to one with fewer', () => {
  const { places } = open(3, 3)
  const given: string[] = []
  for (const name of ['a1', 'a2', 'a3']) places.take('a', () => given.push(name))
  places.take('b', nothing)
  expect(given).toEqual(['a1'])
  expect(places.size).toBe(3)
  // Two against one: a third place for `b` would only turn that round.
  expect(() => places.take('b', nothing)).toThrow(expect.objectContaining({ code: 'unavailable' }))
})

test('its metrics show held, refused and preempted slots', async () => {
  const { places, metrics } = open(2, 2)
  places.take('a', nothing)
  places.take('a', nothing)
  expect(() => places.take('a', nothing)).toThrow()
  places.take('b', nothing)

  const text = await metrics.registry.metrics()
  for (const [name, value] of [
    ['held', 2],
    ['refused_total', 1],
    ['taken_back_total', 1],
  ])
    expect(text).toMatch(new RegExp(`places_${name}\\{places="files",service="test"\\} ${value}`))
})
