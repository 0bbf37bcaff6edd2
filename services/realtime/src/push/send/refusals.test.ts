import { newId } from '@finnigram/contracts'
import { pause } from '@finnigram/service-kit'
import { type OpenTestRedis, openTestRedis } from '@finnigram/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { plainJob } from '../../testing/plain-job.ts'
import type { PushJob } from '../push-job.ts'
import { createRefusals, type Refusals } from './refusals.ts'

let link: OpenTestRedis
let refusals: Refusals
beforeAll(async () => {
  link = await openTestRedis()
  refusals = createRefusals(link.redis, 0)
})
afterAll(() => link[Symbol.asyncDispose]())

function jobFor(host: string): PushJob {
  const id = newId()
  const subscription = {
    endpoint: `https://${host}/${id}`,
    expirationTime: null,
    keys: { p256dh: '', auth: '' },
  }
  return plainJob({ targetKey: `${id}.1`, target: { kind: 'webpush', subscription } })
}
/** The clocks of Redis and of this process tell milliseconds. */
const moment = () => pause(5)
const refuse = async (job: PushJob, times: number) => {
  const answers: boolean[] = []
  for (let i = 0; i < times; i += 1) answers.push(await refusals.note(job))
  return answers
}

test('the fifth refusal in a row removes a device, if its push service accepted another notification meanwhile', async () => {
  const [job, well, elsewhere] = [jobFor('a.example'), jobFor('a.example'), jobFor('b.example')]
  expect(await refuse(job, 1)).toEqual([false])
  await moment()
  await refusals.forget(elsewhere)
  expect(await refuse(job, 4)).toEqual([false, false, false, false])
  await refusals.forget(well)
  await moment()
  expect(await refuse({ ...job, targetKey: job.targetKey.replace('.1', '.2') }, 1)).toEqual([true])
})

test('notifications accepted before the first refusal do not count', async () => {
  const [job, well] = [jobFor('c.example'), jobFor('c.example')]
  await refusals.forget(well)
  await moment()
  expect(await refuse(job, 7)).toEqual(Array(7).fill(false))
})

test('notifications that another node sent do not count: the mistake may be of this node', async () => {
  const [job, well] = [jobFor('d.example'), jobFor('d.example')]
  await refuse(job, 5)
  await moment()
  await createRefusals(link.redis, 0).forget(well)
  expect(await refuse(job, 1)).toEqual([false])
})

test('an accepted notification resets the count of refusals, and the count expires', async () => {
  const [job, well] = [jobFor('e.example'), jobFor('e.example')]
  await refuse(job, 4)
  await refusals.forget(job)
  await refuse(job, 1)
  await moment()
  await refusals.forget(well)
  expect(await refuse(job, 4)).toEqual([false, false, false, true])
  const key = `finnigram:push:refused:${job.targetKey.replace('.1', '')}`
  expect(await link.redis.commands.pttl(key)).toBeGreaterThan(50 * 24 * 3600_000)
})

test('five refusals in less than an hour are not enough', async () => {
  const patient = createRefusals(link.redis)
  const [job, well] = [jobFor('f.example'), jobFor('f.example')]
  await patient.note(job)
  await moment()
  await patient.forget(well)
  for (let i = 0; i < 9; i += 1) expect(await patient.note(job)).toBe(false)
})
