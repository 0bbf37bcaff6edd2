import { expect, test } from 'vitest'
import { createTurns } from './keyed-semaphore.ts'

function open() {
  const turns = createTurns<string>({ atOnce: 2, mostWaiting: 3 })
  const begun: string[] = []
  const ends: (() => void)[] = []
  const enter = (key: string) =>
    turns.enter(key, (done) => {
      begun.push(key)
      ends.push(done)
    })
  return { turns, begun, ends, enter }
}

test('a key has two under way, three waiting and no more; another key is not touched by it', () => {
  const { turns, begun, ends, enter } = open()
  expect(Array.from({ length: 6 }, () => enter('a'))).toEqual([true, true, true, true, true, false])
  expect(enter('b')).toBe(true)
  expect(begun).toEqual(['a', 'a', 'b'])
  expect(turns.counts).toEqual({ underWay: 3, waiting: 3 })
  ends[0]?.()
  ends[0]?.()
  expect(begun).toEqual(['a', 'a', 'b', 'a'])
  for (const end of ends) end()
  for (const end of ends) end()
  expect(turns.counts).toEqual({ underWay: 0, waiting: 0 })
})

test('what waits of a key that is gone never begins', () => {
  const { turns, begun, ends, enter } = open()
  for (let n = 0; n < 5; n += 1) enter('a')
  turns.drop('a')
  for (const end of ends) end()
  expect(begun).toEqual(['a', 'a'])
  expect(turns.counts).toEqual({ underWay: 0, waiting: 0 })
})
