import { newId } from '@finnigram/contracts'
import { type OpenTestRedis, openTestRedis } from '@finnigram/service-kit/testing'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { plainJob } from '../testing/plain-job.ts'
import { type JobQueue, openJobQueue } from './job-queue.ts'
import type { PushJob } from './push-job.ts'

const stream = 'finnigram:push'
const group = 'push-senders'
let link: OpenTestRedis
/** For looking, and for letting time pass. */
let admin: Redis
let queue: JobQueue
beforeAll(async () => {
  link = await openTestRedis()
  admin = new Redis(link.server.url)
  queue = openJobQueue(link.redis, { consumer: 'here', onParked: () => {} })
})
afterAll(async () => {
  queue[Symbol.dispose]()
  admin.disconnect()
  await link[Symbol.asyncDispose]()
})
beforeEach(async () => {
  await admin.flushall()
  await queue.prepare()
})

const newJob = (seq = 1, conversationId = newId()): PushJob => plainJob({ payload: { seq, conversationId } })

/** Another node takes some and says nothing for long. */
async function die(count: number): Promise<void> {
  await admin.call('XREADGROUP', 'GROUP', group, 'gone', 'COUNT', count, 'STREAMS', stream, '>')
  const pending = (await admin.xpending(stream, group, '-', '+', count, 'gone')) as [string][]
  const ids = pending.map(([id]) => id)
  await admin.call('XCLAIM', stream, group, 'gone', 0, ...ids, 'IDLE', 60_000)
}

test('what a node holds for too long is taken over by others, as much as they have room for', async () => {
  await queue.add([newJob(1), newJob(2), newJob(3)])
  await die(3)
  expect(await queue.takeOver(0)).toEqual([])
  expect((await queue.takeOver(2)).map(({ job }) => job.payload.seq)).toEqual([1, 2])
  expect((await queue.takeOver(2)).map(({ job }) => job.payload.seq)).toEqual([3])
  expect(await queue.takeOver(2)).toEqual([])
})

test('what is put off leaves the queue until it is due; of one device and conversation the newest waits', async () => {
  const conversationId = newId()
  await queue.add([newJob(2, conversationId), newJob(1, conversationId)])
  for (const taken of await queue.take(10, 1)) await queue.postpone(taken, 3600_000)
  expect([await queue.count(), await queue.promote()]).toEqual([1, 0])
  await admin.zadd('{finnigram:push}:later', 0, `device ${conversationId}`)
  expect(await queue.promote()).toBe(1)
  const [again] = await queue.take(10, 1)
  expect(again?.job).toMatchObject({ attempt: 0, payload: { seq: 2 } })
  await queue.finish([again?.entryId ?? ''])
  expect(await queue.count()).toBe(0)
})
