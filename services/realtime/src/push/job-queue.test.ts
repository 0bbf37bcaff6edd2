import { newId } from '@finnigram/contracts'
import { type OpenTestRedis, openTestRedis } from '@finnigram/testing'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { plainJob } from '../testing/plain-job.ts'
import { type JobQueue, openJobQueue } from './job-queue.ts'
import { parkedJobs } from './parked-jobs.ts'
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

test('jobs that a node holds for too long are taken over, as many as there is room for', async () => {
  await queue.add([newJob(1), newJob(2), newJob(3)])
  await die(3)
  expect(await queue.takeOver(0)).toEqual([])
  expect((await queue.takeOver(2)).map(({ job }) => job.payload.seq)).toEqual([1, 2])
  expect((await queue.takeOver(2)).map(({ job }) => job.payload.seq)).toEqual([3])
  expect(await queue.takeOver(2)).toEqual([])
})

test('a delayed job leaves the queue until it is due, and replaces an older one of its device and conversation', async () => {
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

test('a job that cannot be read is parked, and blocks no other', async () => {
  await admin.xadd(stream, '*', 'job', '{')
  // Not all that a job has.
  const { payload: _, ...incomplete } = newJob(2)
  await admin.xadd(stream, '*', 'job', JSON.stringify(incomplete))
  await queue.add([newJob(1)])
  expect((await queue.take(10, 10)).map(({ job }) => job.payload.seq)).toEqual([1])
  const parked = parkedJobs(link.redis)
  const [item, other] = await parked.list(10)
  expect(item).toMatchObject({ kind: 'push', what: 'a notification' })
  expect(other?.reason).toContain('payload')
  expect(item?.reason).toContain('JSON')
  expect(await queue.count()).toBe(1)
  for (const { id } of [item, other].filter((one) => one !== undefined)) await parked.drop(id)
  expect(await parked.count()).toBe(0)
})

test('a job that was delivered too often is parked, and a retry puts it on the queue again', async () => {
  await queue.add([newJob(7), newJob(8)])
  await die(2)
  const pending = (await admin.xpending(stream, group, '-', '+', 2, 'gone')) as [string][]
  await admin.call(
    'XCLAIM',
    stream,
    group,
    'gone',
    0,
    pending[0]?.[0] ?? '',
    'IDLE',
    60_000,
    'RETRYCOUNT',
    10,
  )
  expect((await queue.takeOver(10)).map(({ job }) => job.payload.seq)).toEqual([8])
  const parked = parkedJobs(link.redis)
  const [item] = await parked.list(10)
  expect(item?.reason).toBe('It was begun too often and never finished')
  expect(await parked.retry(item?.id ?? '')).toBe(true)
  expect((await queue.take(10, 10)).map(({ job }) => job.payload.seq)).toEqual([7])
  expect(await parked.count()).toBe(0)
})
