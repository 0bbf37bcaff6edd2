import { newId } from '@finnigram/contracts'
import { createLogger, openRedis, pause } from '@finnigram/service-kit'
import { startRedis, type TestRedis } from '@finnigram/service-kit/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PushJob } from '../push-job.ts'
import { createRefusals, type Refusals } from './refusals.ts'

let server: TestRedis
let redis: ReturnType<typeof openRedis>
let refusals: Refusals
beforeAll(async () => {
  server = await startRedis()
  redis = openRedis({ url: server.url, name: 'test', log: createLogger({ service: 'test', nodeId: 'test' }) })
  await redis.whenUp(5000)
  refusals = createRefusals(redis, 0)
})
afterAll(async () => {
  await redis[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

function jobFor(host: string): PushJob {
  const id = newId()
  const keys = { p256dh: '', auth: '' }
  const subscription = { endpoint: `https://${host}/${id}`, expirationTime: null, keys }
  const payload = {
    type: 'message' as const,
    conversationId: id,
    seq: 1,
    title: '',
    body: '',
    badge: 1,
    tag: id,
  }
  return {
    userId: newId(),
    targetKey: `${id}.1`,
    target: { kind: 'webpush', subscription },
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
/** The clocks of Redis and of this process tell milliseconds. */
const moment = () => pause(5)
const refuse = async (job: PushJob, times: number) => {
  const answers: boolean[] = []
  for (let i = 0; i < times; i += 1) answers.push(await refusals.note(job))
  return answers
}

test('the fifth refusal in a row is one too many, when another device of the push service was told meanwhile', async () => {
  const [job, well, elsewhere] = [jobFor('a.example'), jobFor('a.example'), jobFor('b.example')]
  expect(await refuse(job, 1)).toEqual([false])
  await moment()
  await refusals.forget(elsewhere)
  expect(await refuse(job, 4)).toEqual([false, false, false, false])
  await refusals.forget(well)
  await moment()
  expect(await refuse({ ...job, targetKey: job.targetKey.replace('.1', '.2') }, 1)).toEqual([true])
})

test('what was told before the first refusal counts for nothing: a mistake of ours may have begun since', async () => {
  const [job, well] = [jobFor('c.example'), jobFor('c.example')]
  await refusals.forget(well)
  await moment()
  expect(await refuse(job, 7)).toEqual(Array(7).fill(false))
})

test('what another node was able to tell counts for nothing here: the mistake may be of this node alone', async () => {
  const [job, well] = [jobFor('d.example'), jobFor('d.example')]
  await refuse(job, 5)
  await moment()
  await createRefusals(redis, 0).forget(well)
  expect(await refuse(job, 1)).toEqual([false])
})

test('refusals are counted anew after a notification that was taken, and none is counted for good', async () => {
  const [job, well] = [jobFor('e.example'), jobFor('e.example')]
  await refuse(job, 4)
  await refusals.forget(job)
  await refuse(job, 1)
  await moment()
  await refusals.forget(well)
  expect(await refuse(job, 4)).toEqual([false, false, false, true])
  const key = `finnigram:push:refused:${job.targetKey.replace('.1', '')}`
  expect(await redis.commands.pttl(key)).toBeGreaterThan(50 * 24 * 3600_000)
})

test('five refusals in less than an hour are not enough', async () => {
  const patient = createRefusals(redis)
  const [job, well] = [jobFor('f.example'), jobFor('f.example')]
  await patient.note(job)
  await moment()
  await patient.forget(well)
  for (let i = 0; i < 9; i += 1) expect(await patient.note(job)).toBe(false)
})
