import { newId } from '@finnigram/contracts'
import { type OpenTestRedis, openTestRedis } from '@finnigram/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openShownBook, type ShownBook } from './shown-book.ts'

let link: OpenTestRedis
let book: ShownBook
beforeAll(async () => {
  link = await openTestRedis()
  book = openShownBook(link.redis, 0)
})
afterAll(() => link[Symbol.asyncDispose]())

/** Plans runs of messages of one conversation, one after the other: how many each notification tells. */
function openPlace() {
  const place = { userId: newId(), conversationId: newId() }
  return {
    place,
    plan: async (...runs: [firstSeq: number, lastSeq: number, count?: number][]) => {
      const told: number[] = []
      for (const [firstSeq, lastSeq, count = lastSeq - firstSeq + 1] of runs)
        told.push(await book.plan(place, { firstSeq, lastSeq, count, mentioned: false }))
      return told
    },
  }
}

test('messages that follow add up, whatever they leave out, and doing it again changes nothing', async () => {
  const { plan } = openPlace()
  expect(await plan([1, 3], [4, 4], [4, 4], [1, 3], [8, 10, 2], [8, 10, 2])).toEqual([3, 4, 4, 4, 6, 6])
})

test('what overlaps with what was planned adds what is new of it', async () => {
  const { plan } = openPlace()
  expect(await plan([1, 5], [3, 8], [2, 9])).toEqual([5, 8, 9])
})

test('what one node plans after another has planned what follows is counted all the same', async () => {
  const { place, plan } = openPlace()
  expect(await plan([7, 10], [1, 3], [4, 6], [1, 10], [11, 11])).toEqual([4, 7, 10, 10, 11])
  expect(await book.look(place, 'device')).toMatchObject({ plannedSeq: 11 })
})

test('what is read is counted no more', async () => {
  const { place, plan } = openPlace()
  expect(await plan([1, 5])).toEqual([5])
  await book.read(place, 3)
  expect(await plan([6, 6], [1, 3])).toEqual([3, 0])
  await book.read(place, 6)
  expect(await plan([4, 6], [7, 7])).toEqual([0, 1])
})

test('much that is scattered stays small', async () => {
  const { place, plan } = openPlace()
  const runs = Array.from({ length: 100 }, (_, i): [number, number] => [i * 3 + 1, i * 3 + 1])
  expect((await plan(...runs)).at(-1)).toBe(100)
  const key = `finnigram:push:shown:{${place.userId}}:${place.conversationId}`
  expect((await link.redis.commands.hget(key, 'parts'))?.split(' ')).toHaveLength(20)
})
