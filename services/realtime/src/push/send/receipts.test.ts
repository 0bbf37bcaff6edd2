import { createLogger, createMetrics, type RedisLink } from '@finnigram/service-kit'
import { eventually, logLines, type OpenTestRedis, openTestRedis } from '@finnigram/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ExpoService, startExpoService, type TestPhone } from '../../testing/start-expo-service.ts'
import { createPushMetrics } from '../push-metrics.ts'
import { type ExpoClient, openExpoClient } from './expo.ts'
import { createReceipts } from './receipts.ts'

const log = createLogger({ service: 'test', nodeId: 'test' })
let link: OpenTestRedis
let redis: RedisLink
let service: ExpoService
let client: ExpoClient
beforeAll(async () => {
  link = await openTestRedis()
  redis = link.redis
  service = await startExpoService()
  client = openExpoClient(service.url, undefined)
})
afterAll(async () => {
  await client[Symbol.asyncDispose]()
  await Promise.all([service[Symbol.asyncDispose](), link[Symbol.asyncDispose]()])
})

const forgotten: string[] = []
const metrics = createPushMetrics(createMetrics('test'))
const open = (afterMs: number) =>
  createReceipts({
    redis,
    log,
    expo: client.expo,
    metrics,
    forget: (targetKey) => void forgotten.push(targetKey),
    afterMs,
  })

async function sendTo(phone: TestPhone): Promise<string> {
  const [ticket] = await client.expo.sendPushNotificationsAsync([{ to: phone.token, title: 'Hello' }])
  return ticket?.status === 'ok' ? ticket.id : ''
}

test('a receipt is fetched when it is due, and removes devices that are gone', async () => {
  const receipts = open(100)
  const [well, gone, refused] = [service.newPhone(), service.newPhone(), service.newPhone()]
  gone.receiptError = 'DeviceNotRegistered'
  refused.receiptError = 'InvalidCredentials'
  const ids = await Promise.all([well, gone, refused].map(sendTo))
  const names = ['well', 'gone', 'refused']
  await Promise.all(names.map((name, i) => receipts.expect(ids[i] ?? '', name)))
  await eventually(async () => {
    await receipts.check()
    expect(await redis.commands.zcard('finnigram:push:receipts')).toBe(0)
  })
  expect(forgotten).toEqual(['gone'])
  const { values } = await metrics.undelivered.get()
  expect(values.map(({ labels }) => labels.reason).sort()).toEqual([
    'DeviceNotRegistered',
    'InvalidCredentials',
  ])
  expect(JSON.stringify(logLines())).toContain('InvalidCredentials')
})

test('a receipt that is missing or cannot be fetched is fetched again', async () => {
  const receipts = open(50)
  const phone = service.newPhone()
  phone.receiptError = 'DeviceNotRegistered'
  await receipts.expect(await sendTo(phone), 'late')
  service.hasReceipts = false
  await eventually(async () => expect(await receipts.check()).toBe(1))
  service.hasReceipts = true
  service.answers.push(503)
  await eventually(() => expect(receipts.check()).rejects.toThrow())
  await eventually(async () => {
    await receipts.check()
    expect(forgotten).toContain('late')
  })
})
