import { newId } from '@finnigram/contracts'
import { createLogger, openRedis } from '@finnigram/service-kit'
import { startRedis, type TestRedis } from '@finnigram/service-kit/testing'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type JobQueue, openJobQueue } from './job-queue.ts'
import type { PushJob } from './push-job.ts'

const log = createLogger({ service: 'test', nodeId: 'test' })
const stream = 'finnigram:push'
const group = 'push-senders'
let server: TestRedis
let redis: ReturnType<typeof openRedis>
/** For looking, and for letting time pass. */
let admin: Redis
let queue: JobQueue
beforeAll(async () => {
  server = await startRedis()
  redis = openRedis({ url: server.url, name: 'test', log })
  await redis.whenUp(5000)
  admin = new Redis(server.url)
  queue = openJobQueue(redis, 'here')
})
afterAll(async () => {
  queue[Symbol.dispose]()
  admin.disconnect()
  await redis[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})
beforeEach(async () => {
  await admin.flushall()
  await queue.prepare()
})

function newJob(seq = 1, conversationId = newId()): PushJob {
  const payload = { type: 'message' as const, conversationId, seq, title: '', body: '', badge: 1, tag: '' }
  return {
    userId: newId(),
    targetKey: 'device',
    target: { kind: 'expo', token: 'token' },
    sound: true,
    payload,
    count: 1,
    fromSeq: 1,
    urgency: 'high',
    at: 0,
    queuedAt: 0,
    attempt: 0,
  }
}

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
