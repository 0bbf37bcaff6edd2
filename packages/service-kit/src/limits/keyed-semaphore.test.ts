import { expect, test } from 'vitest'
import { createKeyedSemaphore } from './keyed-semaphore.ts'

function open() {
  const semaphore = createKeyedSemaphore<string>({ atOnce: 2, mostWaiting: 3 })
  const begun: string[] = []
  const ends: (() => void)[] = []
  const enter = (key: string) =>
    semaphore.enter(key, (done) => {
      begun.push(key)
      ends.push(done)
    })
  return { semaphore, begun, ends, enter }
}

test('a key has two permits and three waiters at most; another key is not affected', () => {
  const { semaphore, begun, ends, enter } = open()
  expect(Array.from({ length: 6 }, () => enter('a'))).toEqual([true, true, true, true, true, false])
  expect(enter('b')).toBe(true)
  expect(begun).toEqual(['a', 'a', 'b'])
  expect(semaphore.counts).toEqual({ underWay: 3, waiting: 3 })
  ends[0]?.()
  ends[0]?.()
  expect(begun).toEqual(['a', 'a', 'b', 'a'])
  for (const end of ends) end()
  for (const end of ends) end()
  expect(semaphore.counts).toEqual({ underWay: 0, waiting: 0 })
})

test('waiters of a dropped key never begin', () => {
  const { semaphore, begun, ends, enter } = open()
  for (let n = 0; n < 5; n += 1) enter('a')
  semaphore.drop('a')
  for (const end of ends) end()
  expect(begun).toEqual(['a', 'a'])
  expect(semaphore.counts).toEqual({ underWay: 0, waiting: 0 })
})

test('as a mutex it does the work of a key in order, one at a time', async () => {
  const mutex = createKeyedSemaphore<string>({ atOnce: 1, mostWaiting: 2 })
  const begun: number[] = []
  const work = async (n: number) => {
    const release = await mutex.acquire('a')
    begun.push(n)
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(mutex.counts.underWay).toBe(1)
    release?.()
  }
  const all = [work(1), work(2), work(3)]
  expect(mutex.acquire('a')).toBe(null)
  await Promise.all(all)
  expect(begun).toEqual([1, 2, 3])
})
