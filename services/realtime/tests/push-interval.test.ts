import { acknowledgedKey, newId } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newWho } from './fixture/start-fake-users.ts'
import { type PushEnvironment, startPushEnvironment } from './fixture/start-push-environment.ts'

const hourMs = 3600_000
const stream = 'finnigram:push'
const later = '{finnigram:push}:later'
const laterJobs = `${later}:jobs`

let environment: PushEnvironment
beforeAll(async () => {
  environment = await startPushEnvironment({ env: { PUSH_DELAY_MS: '300', PUSH_APART_MS: String(hourMs) } })
})
afterAll(() => environment[Symbol.asyncDispose]())

test('a busy conversation notifies at intervals, each time of all messages so far', async () => {
  const { anna, phone, chat, say } = openGroup()
  await say('one')
  await eventually(() => expect(phone.received).toHaveLength(1))
  await say('two')
  await isPutOff()
  await say('three')
  const fourth = await say('four')
  await eventually(async () => expect((await jobsPutOff()).join()).toContain('"count":4'))
  fourth.text = 'mended'
  expect(phone.received).toHaveLength(1)

  await passHour(anna.userId, chat.id)
  await eventually(() => expect(phone.received).toHaveLength(2))
  expect(phone.received.at(-1)).toMatchObject({ body: '4 new messages\nBen: mended', badge: 4 })
  await eventually(async () => expect(await jobsPutOff()).toEqual([]))
})

test('a mention does not wait for the interval, the next message does', async () => {
  const { anna, phone, say } = openGroup()
  await say('one')
  await eventually(() => expect(phone.received).toHaveLength(1))
  await say('two')
  await isPutOff()
  await say('three', { mentions: [anna] })
  await eventually(() => expect(phone.received.at(-1)?.body).toBe('3 new messages\nBen: three'))
  await say('four')
  await eventually(async () => expect((await jobsPutOff()).join()).toContain('"count":4'))
  expect(phone.received).toHaveLength(2)
  await environment.redis.del(later, laterJobs)
})

test('if the last delayed message is deleted, the one before is shown', async () => {
  const { anna, phone, chat, say } = openGroup()
  await say('one')
  await eventually(() => expect(phone.received).toHaveLength(1))
  await say('two')
  await isPutOff()
  const last = await say('three')
  await eventually(async () => expect((await jobsPutOff()).join()).toContain('"count":3'))
  last.deletedAt = new Date().toISOString()
  await passHour(anna.userId, chat.id)
  await eventually(() => expect(phone.received).toHaveLength(2))
  expect(phone.received.at(-1)?.body).toMatch(/new messages\nBen: two$/)
})

test('a message that a device acknowledged during the delay does not notify it', async () => {
  const { anna, phone, chat, say } = openGroup()
  await say('one')
  await eventually(() => expect(phone.received).toHaveLength(1))
  await say('two')
  await isPutOff()
  using device = await environment.base.connect(anna)
  expect(await device.request('delivered', { conversationId: chat.id, seq: 2 })).toEqual({ ok: true })
  await eventually(async () => expect(await environment.redis.hvals(acknowledgedKey(chat.id))).toEqual(['2']))
  await passHour(anna.userId, chat.id)
  await eventually(async () => expect(await jobsPutOff()).toEqual([]))
  await eventually(async () => expect(await environment.redis.xlen(stream)).toBe(0))
  expect(phone.received).toHaveLength(1)
})

test('a delayed notification has all messages of its person, whatever others get', async () => {
  const [anna, ben, cleo] = [newWho(), newWho(), newWho()]
  const [phone, other] = [environment.phoneOf(anna), environment.phoneOf(cleo)]
  const chat = environment.chats.open([anna, ben, cleo], { title: 'Busy' })
  await environment.chats.say(chat, ben, 'one')
  await eventually(() => expect([...phone.received, ...other.received]).toHaveLength(2))
  await environment.chats.say(chat, ben, 'two')
  await eventually(async () => expect(await jobsPutOff()).toHaveLength(2))
  for (let i = 0; i < 25; i += 1) await environment.chats.say(chat, anna, `answer ${i}`)
  await eventually(async () => expect((await jobsPutOff()).join()).toContain('"count":27'))

  await passHour(anna.userId, chat.id)
  await passHour(cleo.userId, chat.id)
  await eventually(() => expect([...phone.received, ...other.received]).toHaveLength(4))
  expect(phone.received.at(-1)?.body).toBe('2 new messages\nBen: two')
  expect(other.received.at(-1)?.body).toMatch(/^27 new messages\n.*answer 24$/)
})

test('a delayed notification reaches a device that renewed its target meanwhile', async () => {
  const { anna, phone, chat, say } = openGroup()
  const device = environment.pushDevices.devices.find(({ userId }) => userId === anna.userId)
  const name = newId()
  if (device) device.targetKey = `${name}.1`
  await say('one')
  await eventually(() => expect(phone.received).toHaveLength(1))
  await say('two')
  await isPutOff()
  if (device) device.targetKey = `${name}.2`
  await passHour(anna.userId, chat.id)
  await eventually(() => expect(phone.received.at(-1)?.body).toBe('2 new messages\nBen: two'))
})

test('the queue expires after its last node', async () => {
  await eventually(async () => expect(await environment.redis.pttl(stream)).toBeGreaterThan(hourMs), {
    within: 10_000,
  })
})

function openGroup() {
  const [anna, ben] = [newWho(), newWho()]
  const phone = environment.phoneOf(anna)
  const chat = environment.chats.open([anna, ben], { title: 'Busy' })
  const say = (text: string, options?: Parameters<PushEnvironment['chats']['say']>[3]) =>
    environment.chats.say(chat, ben, text, options)
  return { anna, phone, chat, say }
}

const jobsPutOff = () => environment.redis.hvals(laterJobs)
const isPutOff = () => eventually(async () => expect(await jobsPutOff()).toHaveLength(1))

/** What was put off is due, by the clock of Redis. */
async function passHour(userId: string, conversationId: string): Promise<void> {
  const shown = `finnigram:push:shown:{${userId}}:${conversationId}`
  for (const field of await environment.redis.hkeys(shown))
    if (field.startsWith('at:')) await environment.redis.hset(shown, field, 0)
  for (const name of await environment.redis.zrange(later, '0', '-1'))
    await environment.redis.zadd(later, 0, name)
}
