import { newId } from '@finnigram/contracts'
import { type OpenTestRedis, openTestRedis } from '@finnigram/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type NotificationState, openNotificationState } from './notification-state.ts'

let link: OpenTestRedis
let state: NotificationState
beforeAll(async () => {
  link = await openTestRedis()
  state = openNotificationState(link.redis, 0)
})
afterAll(() => link[Symbol.asyncDispose]())

/**
 * Plans runs of messages of one conversation, one after the other: how many each notification
 * tells.
 */
function openConversation() {
  const view = { userId: newId(), conversationId: newId() }
  return {
    view,
    plan: async (...runs: [firstSeq: number, lastSeq: number, count?: number][]) => {
      const told: number[] = []
      for (const [firstSeq, lastSeq, count = lastSeq - firstSeq + 1] of runs)
        told.push(await state.plan(view, { firstSeq, lastSeq, count, mentioned: false }))
      return told
    },
  }
}

test('consecutive plans add up, and planning again changes nothing', async () => {
  const { plan } = openConversation()
  expect(await plan([1, 3], [4, 4], [4, 4], [1, 3], [8, 10, 2], [8, 10, 2])).toEqual([3, 4, 4, 4, 6, 6])
})

test('an overlapping plan adds only its new messages', async () => {
  const { plan } = openConversation()
  expect(await plan([1, 5], [3, 8], [2, 9])).toEqual([5, 8, 9])
})

test('plans out of order are counted all the same', async () => {
  const { view, plan } = openConversation()
  expect(await plan([7, 10], [1, 3], [4, 6], [1, 10], [11, 11])).toEqual([4, 7, 10, 10, 11])
  expect(await state.look(view, 'device')).toMatchObject({ plannedSeq: 11 })
})

test('read messages are not counted', async () => {
  const { view, plan } = openConversation()
  expect(await plan([1, 5])).toEqual([5])
  await state.read(view, 3)
  expect(await plan([6, 6], [1, 3])).toEqual([3, 0])
  await state.read(view, 6)
  expect(await plan([4, 6], [7, 7])).toEqual([0, 1])
})

test('many scattered ranges keep the state small', async () => {
  const { view, plan } = openConversation()
  const runs = Array.from({ length: 100 }, (_, i): [number, number] => [i * 3 + 1, i * 3 + 1])
  expect((await plan(...runs)).at(-1)).toBe(100)
  const key = `finnigram:push:shown:{${view.userId}}:${view.conversationId}`
  expect((await link.redis.commands.hget(key, 'parts'))?.split(' ')).toHaveLength(20)
})
